/** What was said before, fetched when there is something: who comes for the first time does not pay for it. */
export { Earlier } from './Earlier.tsx'
export { default as css } from './earlier.css?inline'

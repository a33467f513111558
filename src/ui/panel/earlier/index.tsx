/** What was said before, fetched when there is something: who comes for the first time does not pay for it. */
export { enEarlier as words } from '../../strings/en-earlier.ts'
export { Earlier } from './Earlier.tsx'
export { default as css } from './earlier.css?inline'

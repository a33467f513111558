/** What is needed while nobody is home, fetched then. */
export { enAway as words } from '../../strings/en-away.ts'
export { default as css } from './away.css?inline'
export { backAt } from './back.ts'
export { instead } from './instead.ts'
export { Promised } from './Promised.tsx'
export { Ways } from './Ways.tsx'

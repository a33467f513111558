/** What is needed while nobody is home, fetched then. */
export { enAway as words } from '../../strings/en-away.ts'
export { backAt } from './back.ts'
export const css = ''

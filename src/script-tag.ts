/** What the loader fetches: it has checked the options, so what checks them is not in here. */
export { mountChosen } from './mount-chat.ts'

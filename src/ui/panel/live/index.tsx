/**
 * What only a live chat needs, or an answer that grows, fetched when there is one: visitors who leave a message do not pay
 * for it.
 */
export { enLive as words } from '../../strings/en-live.ts'
export { Dock } from './Dock.tsx'
export { Growing } from './Growing.tsx'
export { default as css } from './live.css?inline'
export { Typing } from './Typing.tsx'

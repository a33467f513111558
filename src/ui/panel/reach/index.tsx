/** What one can do with a message that was reached, by keys or by pressing it; fetched when one is. */
export { enReach as words } from '../../strings/en-reach.ts'
export { Copying } from './Copying.tsx'
export { covers } from './covers.ts'
export { moveByKey } from './keys.ts'
export { default as css } from './reach.css?inline'

/** What only a live chat needs, fetched when there is one: visitors who leave a message do not pay for it. */
export { Ending } from './Ending.tsx'
export { default as css } from './live.css?inline'
export { Queue } from './Queue.tsx'
export { Rating } from './Rating.tsx'

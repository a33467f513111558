import { enAttention } from '../../strings/en-attention.ts'
import { enEarlier } from '../../strings/en-earlier.ts'

/** What only who was here before needs, fetched when there is something: who comes for the first time does not pay for it. */
export { Attention } from '../attention/Attention.tsx'
export { TellMe } from '../attention/TellMe.tsx'
export { Earlier } from './Earlier.tsx'
export { default as css } from './earlier.css?inline'
export const words = { ...enEarlier, ...enAttention }

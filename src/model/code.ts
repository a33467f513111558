import type { ThreadId } from './thread.ts'

/** Without what is mistaken for something else when it is read aloud or off a phone: 0 and O, 1 and I. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/**
 * What people can tell each other to mean one thread, such as `K7QM-3XRT`: a visitor who goes on elsewhere, and an agent
 * who looks for what was said here. Made from the id, which it does not tell; it opens nothing to anybody.
 */
export function codeOf(threadId: ThreadId): string {
  // Two sums of 32 bits that each letter turns over: enough to tell threads apart, and no secret.
  let a = 0x9e3779b9
  let b = 0x85ebca6b
  for (let i = 0; i < threadId.length; i++) {
    const unit = threadId.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x85ebca77)
    b = Math.imul(b ^ unit, 0xc2b2ae3d)
    a = (a ^ (a >>> 15)) + b
    b = (b ^ (b >>> 13)) + a
  }
  const four = (sum: number) => [0, 5, 10, 15].map(shift => LETTERS[(sum >>> shift) & 31]).join('')
  return `${four(a ^ (a >>> 12))}-${four(b ^ (b >>> 12))}`
}

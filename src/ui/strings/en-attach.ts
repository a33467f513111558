import type { Phrase } from '../strings.ts'

/** The English words of the button that adds files; they come with it. */
export const enAttach = {
  attach: 'Add files',
  attachMost: 'Add files of up to {size}',
  dropHere: 'Drop files here to send them'
} satisfies Record<string, Phrase>

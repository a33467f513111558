import { computed, type ReadableAtom } from 'nanostores'
import type { LinkState, Status } from './chat.ts'

/** How things are, in the few words an interface needs. */
export function createStatus(
  $link: ReadableAtom<LinkState>,
  $waiting: ReadableAtom<number>,
  storage: Status['storage']
): ReadableAtom<Status> {
  return computed([$link, $waiting], ({ state, syncedAt }, waiting) => ({ link: state, syncedAt, waiting, storage }))
}

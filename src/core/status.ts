import { atom, type ReadableAtom } from 'nanostores'
import type { LinkState, Status } from './chat.ts'

/** How things are, in the few words an interface needs. */
export function createStatus(
  $link: ReadableAtom<LinkState>,
  $waiting: ReadableAtom<number>,
  $storage: ReadableAtom<Status['storage']>
): ReadableAtom<Status> {
  const now = (): Status => {
    const { state, syncedAt } = $link.get()
    return { link: state, syncedAt, waiting: $waiting.get(), storage: $storage.get() }
  }
  const $status = atom(now())
  const publish = () => $status.set(now())
  for (const $store of [$link, $waiting, $storage]) $store.listen(publish)
  return $status
}

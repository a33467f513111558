import { higher, type Thread, withReceipt } from './thread.ts'

/** What we know joined with what the backend says: marks and positions never fall. */
export function merge(known: Thread | undefined, said: Thread): Thread {
  if (!known) return said
  const { last, newest, unread, at } = known.last > said.last ? known : said
  const merged = {
    ...said,
    last,
    newest: newest ?? known.newest,
    unread,
    at,
    theirs: higher(known.theirs, said.theirs)
  }
  return withReceipt(merged, 'visitor', { delivered: 0, read: known.read })
}

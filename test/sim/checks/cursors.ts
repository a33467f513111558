import type { HistoryEvent } from '../history.ts'
import { type Check, devOf, diskOf, isPlaced, shownIn } from './story.ts'

/**
 * A cursor claims only what lies on the disk. A disk that was emptied, or that made room, has none of the oldest
 * messages any more: they can be fetched again, and what is claimed begins behind them.
 */
export const cursorHonest: Check = function* (story) {
  const applied = new Map<string, Set<number>>()
  const trimmed = new Set<string>()
  const claimed = new Map<string, HistoryEvent>()
  for (const event of story.of('apply', 'forget', 'cursor', 'ident', 'wipe')) {
    const disk = diskOf(event)
    if (event.ev === 'ident' || event.ev === 'wipe') {
      for (const key of [...applied.keys()]) {
        if (!key.startsWith(`${disk} `)) continue
        applied.delete(key)
        claimed.delete(key)
        if (event.ev === 'wipe') trimmed.add(key)
      }
      continue
    }
    const key = `${disk} ${event.thread}`
    const rows = applied.get(key) ?? new Set()
    applied.set(key, rows)
    const seq = Number(event.seq)
    if (event.ev === 'apply') rows.add(seq)
    else if (event.ev === 'forget') {
      if (seq === Math.min(...rows)) trimmed.add(key)
      rows.delete(seq)
      claimed.delete(key)
    } else {
      const before = claimed.get(key)
      claimed.set(key, event)
      const wrong = claim(event, before, rows, trimmed.has(key) && rows.size ? Math.min(...rows) : 1)
      if (wrong) yield { events: [...(before ? [before.i] : []), event.i], says: `the cursor of ${disk} ${wrong}` }
    }
  }
}

/** What is wrong with the claim of a cursor. */
function claim(
  { contiguous, epoch, gaps, thread }: HistoryEvent,
  before: HistoryEvent | undefined,
  rows: ReadonlySet<number>,
  first: number
): string | undefined {
  const to = Number(contiguous)
  if (before && before.epoch === epoch && to < Number(before.contiguous)) {
    return `in ${thread} fell from ${before.contiguous} to ${to}`
  }
  const gap = ((gaps ?? []) as readonly { readonly from: number }[]).find(({ from }) => from <= to)
  if (gap) return `in ${thread} is at ${to}, across the gap from ${gap.from}`
  for (let seq = first; seq <= to; seq++)
    if (!rows.has(seq)) return `in ${thread} is at ${to}, but ${seq} is not on the disk`
  return undefined
}

/** When all is quiet, everybody has everything. */
export const everybodyHasAll: Check = function* (story) {
  const { quiesce } = story
  if (!quiesce) return
  const log = new Map<string, Map<number, string>>()
  for (const commit of story.commits) {
    if (commit.dup || typeof commit.seq !== 'number' || story.undoneAt(commit) !== undefined) continue
    const thread = log.get(commit.thread ?? '') ?? new Map<number, string>()
    log.set(commit.thread ?? '', thread.set(commit.seq, commit.cid ?? ''))
  }
  const owners = new Map(story.commits.map(({ thread, who }) => [thread, who]))
  const headOf = (thread: string) => Math.max(0, ...(log.get(thread)?.keys() ?? []))

  const gone = new Set(story.of('crash', 'close').map(({ node }) => node))
  for (const { node } of story.of('boot')) gone.delete(node)
  const cursors = new Map<string, HistoryEvent>()
  for (const cursor of story.of('cursor'))
    cursors.set(`${diskOf(cursor)} ${story.who(cursor)} ${cursor.thread}`, cursor)
  const lastIdent = new Map(story.of('ident').map(event => [devOf(event), String(event.to)]))
  for (const cursor of cursors.values()) {
    if (
      cursor.i > quiesce.i ||
      (gone.has(cursor.node) &&
        !story.of('boot').some(({ i, node }) => i > cursor.i && node.startsWith(`${devOf(cursor)}/`)))
    )
      continue
    if ((lastIdent.get(devOf(cursor)) ?? story.who(cursor)) !== story.who(cursor)) continue
    // Whoever writes into the thread of somebody else knows nothing of it.
    if ((owners.get(cursor.thread) ?? story.who(cursor)) !== story.who(cursor)) continue
    const head = headOf(cursor.thread ?? '')
    if (Number(cursor.contiguous) !== head) {
      yield {
        events: [cursor.i, quiesce.i],
        says: `${diskOf(cursor)} has thread ${cursor.thread} up to ${cursor.contiguous}, and it ends at ${head}`
      }
    }
  }

  const tabs = quiesce.tabs as readonly string[] | undefined
  const screens = new Map<string, HistoryEvent>()
  for (const render of story.of('render')) screens.set(`${render.node} ${render.thread}`, render)
  for (const render of screens.values()) {
    const late = render.i > quiesce.i
    if (!late && (tabs ? !tabs.includes(render.node) : gone.has(render.node))) continue
    const now = lastIdent.get(devOf(render))
    if (now !== undefined && now !== story.who(render)) continue
    const there = log.get(render.thread ?? '')
    const placed = shownIn(render).filter(entry => isPlaced(entry) && entry.seq !== null)
    if (!there || !placed.length) continue
    // A new page shows the newest ones, in a row; a page of before shows all.
    const first = late ? placed[0]!.seq! : 1
    const head = headOf(render.thread ?? '')
    const shown = new Map(placed.map(({ seq, cid }) => [seq!, cid]))
    for (let seq = first; seq <= head; seq++) {
      if (shown.get(seq) === there.get(seq)) continue
      yield {
        events: [render.i, quiesce.i],
        says: `${render.node} shows ${shown.get(seq) ?? 'nothing'} at place ${seq} of ${render.thread}, where the log has ${there.get(seq)}`
      }
      break
    }
  }
}

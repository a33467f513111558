/**
 * How fast 10,000 messages are searched: `npx tsx test/support/search-speed.ts`. Beside it, what the same machine needs
 * to look through their texts as they are, without folding case and accents, ranking, or telling where.
 */
import { createRows } from '../../src/core/rows.ts'
import { createSearch } from '../../src/core/search.ts'
import type { Message } from '../../src/model/message.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'

const MESSAGES = 10_000
const QUERIES = ['lampe', 'order late', 'zzz', 'e', 'größe 42', 'nothing of it at all']
const WORDS = 'the Lampe order is too late and Größe 42 does not fit any more, can you élan help me please'.split(' ')

const rows = createRows(memory(), stillTabs()())
const messages = Array.from({ length: MESSAGES }, (_, i): Message => {
  const text = Array.from({ length: 6 + (i % 25) }, (_, k) => WORDS[(i * 7 + k * (1 + (i % 5))) % WORDS.length]).join(
    ' '
  )
  const [author, position] = [i % 2 ? ('agent' as const) : ('visitor' as const), i + 1]
  return {
    id: `m${i}`,
    threadId: `t${i % 20}`,
    author,
    by: null,
    text,
    content: null,
    attachments: [],
    at: i,
    position
  }
})
await rows.commit(messages.map(value => ({ put: ['message', value.threadId, value.position], value })))
const reading = performance.now()
const search = await createSearch(rows)
const readIn = performance.now() - reading

const best = (work: () => unknown) =>
  Math.min(
    ...Array.from({ length: 9 }, () => {
      const began = performance.now()
      work()
      return performance.now() - began
    })
  )
const times = QUERIES.map(query => {
  const ours = best(() => search(query))
  const plain = best(() => messages.filter(({ text }) => query.split(' ').every(word => text.includes(word))).length)
  console.log(
    `${query.padEnd(22)} ${ours.toFixed(2)} ms, ${(ours / plain).toFixed(1)} × a plain look, ${search(query).length} shown`
  )
  return { ours, plain }
})
const slowest = Math.max(...times.map(({ ours }) => ours))
const ratio = Math.max(...times.map(({ ours, plain }) => ours / plain))
console.log(`read and folded once in ${readIn.toFixed(0)} ms`)
const round = (figure: number) => Number(figure.toFixed(2))
console.log(
  JSON.stringify({ messages: MESSAGES, slowest: round(slowest), ratioToPlain: round(ratio), read: Math.round(readIn) })
)

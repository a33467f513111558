import type { Message } from '../model/message.ts'
import type { Rows } from './rows.ts'

/** A message in which all words of a query were found. */
export interface Found {
  readonly message: Message
  /** Where they are in its text, in UTF-16 units, in order and apart from each other. */
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

/** Newest first, at most `limit` (default 50). Nothing for a query without letters or digits. */
export type Search = (query: string, limit?: number) => readonly Found[]

interface Indexed {
  readonly message: Message
  /** Its text without case and accents. */
  readonly plain: string
}

/** One for each chat. */
const searches = new WeakMap<Rows, Promise<Search>>()

/** Searches what is stored; everything is read for the first time, and again if that failed. */
export async function search(rows: Rows, ...given: Parameters<Search>): Promise<readonly Found[]> {
  const made = searches.get(rows) ?? createSearch(rows)
  searches.set(rows, made)
  made.catch(() => searches.delete(rows))
  return (await made)(...given)
}

/**
 * Full-text search in everything that is stored on this device; works offline. A word is found at the beginning of words
 * and within them, whatever its case and accents. Reads all messages once, and follows what is stored from then on.
 */
export async function createSearch(rows: Rows): Promise<Search> {
  const index = new Map<string, Indexed>()
  const put = (key: readonly unknown[], message: Message | undefined) => {
    if (!message) index.delete(String(key))
    else if (message.text && message.author !== 'system')
      index.set(String(key), { message, plain: folded(message.text) })
  }
  const read = async () => {
    const life = rows.life()
    const found = await rows.list(['message'])
    // Or it was said by somebody who has signed out.
    if (rows.life() === life) for (const { key, value } of found) put(key, value)
  }
  // Before the reading, so that nothing is stored in between.
  rows.on('message', changes => {
    for (const { key, value } of changes) {
      // All of a thread, or of all of them, is gone or not as it was.
      if (key.length < 3) for (const id of index.keys()) if (id.startsWith(`${key},`)) index.delete(id)
      put(key, value)
    }
    if (changes.some(({ key }) => key.length < 2)) read().catch(() => {})
  })
  rows.on('life', () => index.clear())
  await read()

  return (query, limit = 50) => {
    const words = folded(query).match(/[\p{L}\p{N}]+/gu) ?? []
    if (!words.length || rows.hidden) return []
    const hits: Message[] = []
    for (const { message, plain } of index.values()) if (words.every(word => plain.includes(word))) hits.push(message)
    return hits
      .sort((a, b) => b.at - a.at || b.position - a.position)
      .slice(0, limit)
      .map(message => ({ message, ranges: rangesOf(message.text, words) }))
  }
}

/** Letters that no accent can be taken off, and that people write without. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  ħ: 'h',
  þ: 'th'
}

/** A text without case and accents, for comparing. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđıħþ]/g, letter => PLAIN[letter]!)
}

/** Where the words are in the text as it was written. */
function rangesOf(text: string, words: readonly string[]): readonly (readonly [number, number])[] {
  // Each letter of the folded text, with the place of the letter that it came from.
  let plain = ''
  const from: number[] = []
  const to: number[] = []
  let at = 0
  for (const letter of text) {
    const part = folded(letter)
    for (let i = 0; i < part.length; i++) {
      from.push(at)
      to.push(at + letter.length)
    }
    // An accent of its own belongs to the letter before it.
    if (!part && to.length) to[to.length - 1] = at + letter.length
    plain += part
    at += letter.length
  }
  const found: [number, number][] = []
  for (const word of words) {
    for (let hit = plain.indexOf(word); hit >= 0; hit = plain.indexOf(word, hit + word.length)) {
      found.push([from[hit]!, to[hit + word.length - 1]!])
    }
  }
  const ranges: [number, number][] = []
  for (const range of found.sort((a, b) => a[0] - b[0])) {
    const last = ranges.at(-1)
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1])
    else ranges.push(range)
  }
  return ranges
}

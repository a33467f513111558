import type { Chat } from '../../../core/chat.ts'
import { escaped } from '../../../model/markup.ts'
import type { Attachment, Message } from '../../../model/message.ts'
import type { ThreadId } from '../../../model/thread.ts'
import type { Words } from '../../strings.ts'
import { addressOf, isPicture } from '../files/address.ts'
import { authorOf, textOf } from '../names.ts'
import { htmlOf, linkedHtmlOf } from '../rich/html.ts'
import type { Times } from '../times.ts'

/** A copy of conversations, to keep: for machines and for people. */
export interface Copy {
  /** `application/json`: what the copy is of, and each message as the backend gave it. */
  readonly json: string
  /** One page without scripts or addresses to fetch from: what `json` holds is in it as well, and the files are. */
  readonly html: string
}

export interface CopyOptions {
  /** Which ones; default: all there are. */
  readonly threads?: readonly ThreadId[]
  readonly title: string
  readonly words: Words
  readonly times: Times
  /** Told after each page that was fetched. */
  onProgress?(messages: number): void
}

interface CopiedThread {
  readonly id: ThreadId
  /** Whether it is whole, from its beginning on: without a connection only what this device has can be copied. */
  readonly complete: boolean
  readonly messages: readonly (Message & { readonly delivery?: string })[]
}

/** Copies conversations whole, fetching from the backend what this device does not have. */
export async function copyOf(chat: Chat, options: CopyOptions): Promise<Copy> {
  const { words, title } = options
  const ids = options.threads ?? chat.$threads.get().map(({ id }) => id)
  const threads: CopiedThread[] = []
  let count = 0
  for (const id of ids) {
    const complete = await loadAll(chat, id, n => options.onProgress?.(count + n))
    const entries = chat.$messages.get()[id]?.entries ?? []
    count += entries.length
    threads.push({
      id,
      complete,
      messages: entries.map(({ message, delivery }) => ({ ...message, ...(delivery && { delivery }) }))
    })
  }
  const said = {
    format: 'porchlight-copy',
    version: 1,
    title,
    locale: words.locale,
    at: new Date().toISOString(),
    threads
  }
  const json = JSON.stringify(said, null, 1)
  return { json, html: page(threads, json, await filesOf(chat, threads), options) }
}

/** The files of these messages, by their ids, as addresses that hold all of them; without those that cannot be had now. */
async function filesOf(chat: Chat, threads: readonly CopiedThread[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const base = chat.$link.get().capabilities?.base
  for (const file of threads.flatMap(({ messages }) => messages.flatMap(({ attachments }) => attachments))) {
    const address = addressOf(file, base)
    try {
      const blob = file.blob ?? (address ? await fetched(address) : undefined)
      if (blob) found.set(file.id, await asAddress(blob, file))
    } catch {
      // No connection, or it is not there any more: its name stays.
    }
  }
  return found
}

async function fetched(address: string): Promise<Blob | undefined> {
  const response = await fetch(address, { credentials: 'omit' })
  return response.ok ? response.blob() : undefined
}

function asAddress(blob: Blob, { mime }: Attachment): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result as string)
    reader.onerror = () => reject(reader.error)
    // What runs when it is opened is nothing that was taken, and shall not be that here either.
    const isSafe = /^(image\/(png|jpeg|gif|webp)|application\/pdf|text\/(plain|csv)|(audio|video)\/.+)$/.test(mime)
    reader.readAsDataURL(new Blob([blob], { type: isSafe ? mime : 'application/octet-stream' }))
  })
}

/** Asks for older messages until there are none, or none come any more; `true`: all are here. */
async function loadAll(chat: Chat, id: ThreadId, onProgress: (messages: number) => void): Promise<boolean> {
  await chat.load(id)
  for (;;) {
    const { entries, more } = chat.$messages.get()[id] ?? { entries: [], more: false }
    const gaps = entries.some(({ gap }) => gap)
    onProgress(entries.length)
    if (!more && !gaps) return true
    await chat.older(id).catch(() => {
      // Looked at below: nothing more came.
    })
    const now = chat.$messages.get()[id]
    if (now?.entries.length === entries.length && now.entries.some(({ gap }) => gap) === gaps) return false
  }
}

/** Only text goes into it; the only marks in it are those of `htmlOf`. */
function page(
  threads: readonly CopiedThread[],
  json: string,
  files: ReadonlyMap<string, string>,
  { title, words, times }: CopyOptions
): string {
  const { locale, dir } = words
  const sections = threads.map(({ complete, messages }) => {
    let day = ''
    const lines = messages.map(message => {
      const date = new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format(message.at)
      const heading = date === day ? '' : `<h2>${escaped(date)}</h2>\n`
      day = date
      const [name, clock] = [authorOf(message, words), times.clock(message.at)]
      const said = textOf(message, words, times)
      if (message.author === 'system') return `${heading}<p class="notice">${escaped(said)}</p>`
      // As it was shown: with marks from the other side, as it was written from the visitor's.
      const text = message.author === 'visitor' ? `<p dir="auto">${linkedHtmlOf(said)}</p>` : htmlOf(said)
      const side = message.author === 'visitor' ? ' class="own"' : ''
      const iso = new Date(message.at).toISOString()
      return `${heading}<article${side}><p class="who"><bdi>${escaped(name)}</bdi> <time datetime="${iso}">${escaped(clock)}</time></p><div class="said">${text}</div>${message.attachments.map(file => fileIn(file, files)).join('')}</article>`
    })
    const note = complete ? '' : `<p class="notice">${escaped(words.t('copyPart'))}</p>\n`
    return `<section>\n${note}${lines.join('\n')}\n</section>`
  })
  return `<!doctype html>
<html lang="${escaped(locale)}" dir="${dir}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<h1>${escaped(title)}</h1>
${sections.join('\n')}
<script type="application/json" id="data">
${json.replaceAll('<', '\\u003c')}
</script>
</html>
`
}

function fileIn(file: Attachment, files: ReadonlyMap<string, string>): string {
  const address = files.get(file.id)
  const name = escaped(file.name)
  if (!address) return `<p class="file"><bdi>${name}</bdi></p>`
  const inner = isPicture(file) ? `<img src="${escaped(address)}" alt="${name}">` : `<bdi>${name}</bdi>`
  return `<p class="file"><a download="${name}" href="${escaped(address)}">${inner}</a></p>`
}

const STYLE =
  ':root{color-scheme:light dark}body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}' +
  'section{padding-top:1rem;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}h2{margin:2rem 0 1rem;text-align:center;font-size:.9rem;opacity:.75}' +
  'article{margin:.75rem 0;padding:.5rem .9rem;border-radius:12px;background:color-mix(in srgb,currentColor 6%,transparent);white-space:pre-wrap}' +
  '.said>*{margin:.35rem 0}.said :is(ul,ol){padding-inline-start:1.4em}li{unicode-bidi:plaintext}pre{overflow:auto}code{font:.875em/1.5 ui-monospace,monospace;overflow-wrap:normal}blockquote{padding-inline-start:.75em;border-inline-start:3px solid;opacity:.8}' +
  'article.own{margin-inline-start:3rem}article:not(.own){margin-inline-end:3rem}p{margin:0}.who{font-size:.8rem;opacity:.75}.notice{text-align:center;font-size:.85rem;opacity:.75}.file img{display:block;max-width:100%;border-radius:8px}'

/**
 * A small part of CommonMark, as people and assistants write it in chats: paragraphs, lists, quotes, fenced code; bold,
 * italic, struck out, code and links. What is not of this part stays as it was written. HTML, pictures and footnotes are no
 * part of it: nothing is fetched by looking at a message.
 */
export type Block =
  | { readonly type: 'paragraph' | 'quote'; readonly text: string }
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly string[] }

export type Inline =
  | string
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'link'; readonly href: string; readonly inner: readonly Inline[] }
  | { readonly type: 'strong' | 'em' | 's'; readonly inner: readonly Inline[] }

/** Whether there are marks in a message: only in what the team and the assistant write. */
export const isMarked = ({ author }: { readonly author: string }): boolean => author === 'agent' || author === 'bot'

const FENCE = /^ {0,3}(```+|~~~+)[\w+#.-]*\s*$/
const ITEM = /^ {0,3}(?:([-*+])|(\d{1,9})[.)]) +(?=\S)/
const QUOTE = /^ {0,3}> ?/
const HEADING = /^ {0,3}#{1,6} +(?=\S)/

/** Linear in the length of the text: each line is looked at once. */
export function blocksOf(text: string): readonly Block[] {
  const lines = text.split(/\r?\n/)
  const blocks: Block[] = []
  let at = 0
  /** Lines from here on for as long as they match, without what matched. */
  const run = (mark: RegExp) => {
    const found: string[] = []
    for (; at < lines.length && mark.test(lines[at]!); at++) found.push(lines[at]!.replace(mark, ''))
    return found
  }
  while (at < lines.length) {
    const line = lines[at]!
    const [, fence] = FENCE.exec(line) ?? []
    const item = ITEM.exec(line)
    if (!line.trim()) at++
    else if (fence) {
      const close = lines.findIndex(
        (other, i) => i > at && other.trim().startsWith(fence) && !other.trim().slice(fence.length).trim()
      )
      const end = close < 0 ? lines.length : close
      blocks.push({ type: 'code', text: lines.slice(at + 1, end).join('\n') })
      at = end + 1
    } else if (item) {
      const ordered = !item[1]
      const mark = ordered ? /^ {0,3}\d{1,9}[.)] +(?=\S)/ : /^ {0,3}[-*+] +(?=\S)/
      const items: string[] = []
      while (at < lines.length) {
        if (mark.test(lines[at]!)) items.push(lines[at]!.replace(mark, ''))
        // What is set in belongs to the item above.
        else if (/^\s+\S/.test(lines[at]!)) items[items.length - 1] += `\n${lines[at]!.trim()}`
        else break
        at++
      }
      blocks.push({ type: 'list', ordered, start: Number(item[2] ?? 1), items })
    } else if (QUOTE.test(line)) blocks.push({ type: 'quote', text: run(QUOTE).join('\n') })
    else if (HEADING.test(line)) {
      blocks.push({ type: 'heading', text: line.replace(HEADING, '').replace(/ +#+ *$/, '') })
      at++
    } else {
      const begin = at
      do at++
      while (
        at < lines.length &&
        lines[at]!.trim() &&
        ![FENCE, ITEM, QUOTE, HEADING].some(mark => mark.test(lines[at]!))
      )
      blocks.push({ type: 'paragraph', text: lines.slice(begin, at).join('\n') })
    }
  }
  return blocks
}

// One after the other: what is escaped, code, a link, and marks around words. A mark opens before a letter and closes
// after one, so that 2 * 3 * 4 and snake_case stay as they are.
const INLINE =
  /\\([\\`*_~[\]()#>+.!-])|(`+)([^`](?:[^`]|`(?!\2))*?)\2(?!`)|\[([^\][\n]{1,500})\]\(\s*([^\s()<>]{1,2000}(?:\([^\s()<>]*\)[^\s()<>]*)?)\s*\)|\*\*(?=\S)((?:[^*\n]|\*(?!\*)){1,4000}?)(?<=\S)\*\*(?!\*)|\*(?=[^\s*])([^*\n]{1,4000}?)(?<=\S)\*(?!\*)|~~(?=\S)([^~\n]{1,4000}?)(?<=\S)~~|(?<![\p{L}\d_])(__?)(?=[^\s_])([^_\n]{1,4000}?)(?<=\S)\9(?![\p{L}\d_])/gu

/** @param depth How often marks may stand inside of marks. */
export function inlineOf(text: string, depth = 4): readonly Inline[] {
  const parts: Inline[] = []
  const inner = (words: string) => (depth ? inlineOf(words, depth - 1) : [words])
  let from = 0
  const plain = (words: string) => {
    if (!words) return
    if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += words
    else parts.push(words)
  }
  for (const match of text.matchAll(INLINE)) {
    const [all, escaped, , code, label, href, strong, em, struck, underline, underlined] = match
    plain(text.slice(from, match.index))
    from = match.index + all.length
    if (escaped) plain(escaped)
    else if (code) parts.push({ type: 'code', text: code.replace(/^ (.*\S.*) $/s, '$1') })
    else if (label && href) parts.push({ type: 'link', href, inner: inner(label) })
    else if (strong) parts.push({ type: 'strong', inner: inner(strong) })
    else if (em) parts.push({ type: 'em', inner: inner(em) })
    else if (struck) parts.push({ type: 's', inner: inner(struck) })
    else parts.push({ type: underline === '__' ? 'strong' : 'em', inner: inner(underlined!) })
  }
  plain(text.slice(from))
  return parts
}

/** The words alone, for where there is room for one line. */
export function plainOf(text: string): string {
  const lines = (block: Block) => (block.type === 'list' ? block.items : [block.text])
  const words = (parts: readonly Inline[]): string =>
    parts.map(part => (typeof part === 'string' ? part : part.type === 'code' ? part.text : words(part.inner))).join('')
  return blocksOf(text)
    .flatMap(block => (block.type === 'code' ? block.text : lines(block).map(line => words(inlineOf(line)))))
    .join('\n')
}

import type { ComponentChildren } from 'preact'

// Linear in the length of the text: no repetition inside of a repetition.
const LINK = /(?:https?:\/\/|www\.|mailto:)[^\s<>"']+|[\w.+-]+@[\w-]+\.[\w.-]+/gi

/** Text as it was written, with its addresses made into links. Only strings come out, never markup. */
export function RichText({ text, tabIndex }: { readonly text: string; readonly tabIndex: number }) {
  const parts: ComponentChildren[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const words = trim(match[0])
    const href = addressOf(words)
    if (!href) continue
    parts.push(
      text.slice(from, match.index),
      <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={tabIndex}>
        {words}
      </a>
    )
    from = match.index + words.length
  }
  parts.push(text.slice(from))
  return <>{parts}</>
}

/** An address that is safe to offer; `undefined` if it is not one. In ASCII, so that look-alike names show. */
export function addressOf(words: string): string | undefined {
  const full = /^www\./i.test(words) ? `https://${words}` : /^[^:/]+@/.test(words) ? `mailto:${words}` : words
  try {
    const url = new URL(full)
    return /^(https?|mailto):$/.test(url.protocol) ? url.href : undefined
  } catch {
    // Looked like an address and is none: stays text.
    return undefined
  }
}

/** What ends a sentence does not belong to an address; a bracket does if it was opened in it. */
function trim(words: string): string {
  let end = words.length
  for (; end > 0; end--) {
    const last = words[end - 1]!
    if (last === ')' && words.slice(0, end).split('(').length >= words.slice(0, end).split(')').length) break
    if (!/[.,!?:;)\]}]/.test(last)) break
  }
  return words.slice(0, end)
}

/** Text with its web and e-mail addresses made into links. Everything else stays the text it is. */
export function Linked({ text }: { readonly text: string }) {
  return (
    <>
      {split(text).map(({ part, href }, i) =>
        href === undefined ? (
          part
        ) : (
          <a key={i} href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part}
          </a>
        )
      )}
    </>
  )
}

interface Part {
  readonly part: string
  readonly href?: string
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi

export function split(text: string): readonly Part[] {
  const parts: Part[] = []
  let from = 0
  for (const match of text.matchAll(ADDRESS)) {
    // A full stop or bracket behind an address belongs to the sentence.
    const part = match[0].replace(/[.,;:!?)\]}]+$/, '')
    const href = hrefOf(part)
    if (href === undefined) continue
    if (match.index > from) parts.push({ part: text.slice(from, match.index) })
    parts.push({ part, href })
    from = match.index + part.length
  }
  if (from < text.length) parts.push({ part: text.slice(from) })
  return parts
}

function hrefOf(address: string): string | undefined {
  if (!/^https?:/i.test(address)) return `mailto:${address}`
  return URL.canParse(address) ? new URL(address).href : undefined
}

import type { ComponentChild } from 'preact'

// What ends a sentence does not belong to an address; a bracket does if it was opened in it. Linear in the length of
// the text: wherever there is a choice, the next letter makes it.
const LINK =
  /((?:https?:\/\/|www\.)(?:\([^\s<>()]*\)|[^\s<>"'()])*(?:\([^\s<>()]*\)|[^\s<>"'().,!?:;\]}])|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/gi

/** Text as it was written, with its addresses made into links. Only strings come out, never markup. */
export function Linked({ text }: { readonly text: string }) {
  return <>{text.split(LINK).map((part, at) => (at % 2 ? <Link href={part}>{part}</Link> : part))}</>
}

interface LinkProps {
  readonly href: string
  readonly children: ComponentChild
  readonly class?: string
}

/** Words that lead somewhere; only words if the address is not safe. The arrow keys make it a stop for Tab. */
export function Link({ href, children, ...more }: LinkProps): ComponentChild {
  const address = addressOf(href)
  return address ? (
    <a {...more} href={address} title={address} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={-1}>
      {children}
    </a>
  ) : (
    children
  )
}

/** An address that is safe to offer; `undefined` if it is not one. In ASCII, so that look-alike names show. */
export function addressOf(words: string): string | undefined {
  const full = /^www\./i.test(words) ? `https://${words}` : /^[^:/]+@/.test(words) ? `mailto:${words}` : words
  try {
    const { protocol, href } = new URL(full)
    return /^(https?|mailto|tel):$/.test(protocol) ? href : undefined
  } catch {
    // Looked like an address and is none: stays text.
    return undefined
  }
}

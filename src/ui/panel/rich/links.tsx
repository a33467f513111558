import type { ComponentChild } from 'preact'
import { addressOf, linkedParts } from './addresses.ts'

/** Text as it was written, with its addresses made into links. Only strings come out, never markup. */
export function Linked({ text }: { readonly text: string }) {
  return <>{linkedParts(text).map((part, at) => (at % 2 ? <Link href={part}>{part}</Link> : part))}</>
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

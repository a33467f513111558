import type { ComponentChild } from 'preact'
import { Link, Linked } from './links.tsx'
import { blocksOf, type Inline, inlineOf } from './markdown.ts'

/** Text with marks in it, as elements. There is no way from text to markup. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <>
      {blocksOf(text).map(block => {
        if (block.type === 'code') {
          return (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
            <pre dir="ltr" tabIndex={0}>
              <code>{block.text}</code>
            </pre>
          )
        }
        if (block.type === 'list') {
          const items = block.items.map(item => <li>{words(item)}</li>)
          // The list as a whole: its marks stand where its words begin.
          return block.ordered ? (
            <ol dir="auto" start={block.start}>
              {items}
            </ol>
          ) : (
            <ul dir="auto">{items}</ul>
          )
        }
        const Tag = block.type === 'quote' ? 'blockquote' : 'p'
        const inner = words(block.text)
        return <Tag dir="auto">{block.type === 'heading' ? <strong>{inner}</strong> : inner}</Tag>
      })}
    </>
  )
}

function words(text: string): ComponentChild {
  return inlineOf(text).map(show)
}

function show(part: Inline): ComponentChild {
  if (typeof part === 'string') return <Linked text={part} />
  if (part.type === 'code') return <code dir="ltr">{part.text}</code>
  // Links inside of a link are no links.
  if (part.type === 'link') return <Link href={part.href}>{part.inner.map(plain)}</Link>
  const Tag = part.type
  return <Tag>{part.inner.map(show)}</Tag>
}

function plain(part: Inline): ComponentChild {
  if (typeof part === 'string') return part
  return part.type === 'code' ? <code>{part.text}</code> : part.inner.map(plain)
}

import { escaped } from '../../../model/markup.ts'
import { addressOf, linkedParts } from './addresses.ts'
import { type Block, blocksOf, type Inline, inlineOf } from './markdown.ts'

/** What each element looks like where there is no style sheet, as in mails: the value of its `style`. */
export type Styles = Readonly<Record<string, string>>

/** Text with marks in it for a page that is kept or sent: the elements that `Markdown` makes, and no others. */
export function htmlOf(text: string, styles: Styles = {}): string {
  const element = (name: string, inner: string, attributes = '') =>
    `<${name}${attributes}${styles[name] ? ` style="${escaped(styles[name])}"` : ''}>${inner}</${name}>`

  const show = (part: Inline): string => {
    if (typeof part === 'string') return linkedHtmlOf(part)
    if (part.type === 'code') return element('code', escaped(part.text), ' dir="ltr"')
    if (part.type === 'link') return link(part.href, part.inner.map(plain).join(''))
    return element(part.type, part.inner.map(show).join(''))
  }
  // Links inside of a link are no links.
  const plain = (part: Inline): string => {
    if (typeof part === 'string') return withBreaks(part)
    return part.type === 'code' ? element('code', escaped(part.text)) : part.inner.map(plain).join('')
  }
  const words = (text: string) => inlineOf(text).map(show).join('')

  const block = (block: Block): string => {
    if (block.type === 'code') return element('pre', element('code', escaped(block.text)), ' dir="ltr"')
    if (block.type === 'list') {
      const items = block.items.map(item => element('li', words(item))).join('')
      return block.ordered
        ? element('ol', items, ` dir="auto" start="${block.start}"`)
        : element('ul', items, ' dir="auto"')
    }
    const inner = words(block.text)
    const name = block.type === 'quote' ? 'blockquote' : 'p'
    return element(name, block.type === 'heading' ? element('strong', inner) : inner, ' dir="auto"')
  }
  return blocksOf(text).map(block).join('')
}

/** Text as it was written, with its addresses made into links. */
export function linkedHtmlOf(text: string): string {
  return linkedParts(text)
    .map((part, at) => (at % 2 ? link(part, withBreaks(part)) : withBreaks(part)))
    .join('')
}

function link(href: string, inner: string): string {
  const address = addressOf(href)
  // Nobody who reads a mail expects to call somebody.
  if (!address || address.startsWith('tel:')) return inner
  return `<a href="${escaped(address)}" title="${escaped(address)}" target="_blank" rel="noopener noreferrer nofollow ugc">${inner}</a>`
}

const withBreaks = (text: string) => escaped(text).replaceAll('\n', '<br>')

import type { Card, CardButton, Cards, Content, Replies } from '../../../model/message.ts'

/**
 * What a backend sends is held against its form before it is shown: what is not of it is shown as its text. What is too
 * long or too many is cut, so that one message never fills the panel.
 */
export function repliesOf(content: Content | null): readonly string[] {
  const { type, replies } = (content ?? {}) as Replies
  if (type !== 'replies' || !Array.isArray(replies)) return []
  return replies.filter(isText).slice(0, 10).map(short)
}

export function cardsOf(content: Content | null): readonly Card[] {
  const { type, cards } = (content ?? {}) as Cards
  if (type !== 'cards' || !Array.isArray(cards)) return []
  return cards.filter(card => isText(card?.title)).slice(0, 10)
}

export function buttonsOf({ buttons }: Card): readonly CardButton[] {
  if (!Array.isArray(buttons)) return []
  return (buttons as readonly Partial<Record<'label' | 'reply' | 'url', unknown>>[])
    .filter(button => isText(button?.label) && (isText(button.reply) || isText(button.url)))
    .slice(0, 3) as never
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const short = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text)

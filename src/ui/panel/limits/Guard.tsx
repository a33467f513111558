import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { MAX_WAITING } from '../../../model/command.ts'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'
import { useStore } from '../use-store.ts'
import { hideCards } from './card-numbers.ts'
import { Room } from './Room.tsx'

/** From here on it is told how many characters are left. */
const NEAR = 1600

interface GuardProps {
  /** How many characters are left; below 0: too many. */
  readonly left: number
  readonly area: RefObject<HTMLTextAreaElement | null>
  /** What of the text is not sent. */
  rest(): string
  /** Somebody wanted to send it before this was there. */
  readonly held: boolean
}

/**
 * Stands before the composer, and tells how much room is left. What has a card number in it is sent when the visitor says
 * so, whole or with the number hidden, and not before, however often Enter is pressed. The focus stays in the text; who
 * changes it, or presses Escape, has answered, too.
 */
export function Guard({ left, area, rest, held }: GuardProps) {
  const { chat, words, announcer } = useAround()
  const full = useStore(chat.$status).waiting >= MAX_WAITING
  /** The text with its number hidden, while that is asked. */
  const [asked, setAsked] = useState('')
  const allowed = useRef('')

  useLayoutEffect(() => {
    const life = new AbortController()
    // Before the composer hears of it.
    const before = { signal: life.signal, capture: true }
    const field = area.current!
    const form = field.form!
    const hold = (event: Event) => {
      const value = rest()
      const hidden = hideCards(value)
      if (hidden === value || allowed.current === value) return
      event.preventDefault()
      event.stopPropagation()
      setAsked(hidden)
      announcer.alert(words.t('cardAsk'))
    }
    form.addEventListener('submit', hold, before)
    form.addEventListener(
      'keydown',
      event => {
        const { key, target, shiftKey, isComposing } = event
        if (target === field && key === 'Enter' && !shiftKey && !isComposing) hold(event)
      },
      before
    )
    field.addEventListener('input', () => setAsked(''), life)
    if (held) form.requestSubmit()
    return () => life.abort()
  }, [])

  useLayoutEffect(() => {
    if (!asked) return
    const life = new AbortController()
    area.current!.form!.addEventListener(
      'keydown',
      event => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        setAsked('')
        area.current!.focus()
      },
      life
    )
    return () => life.abort()
  }, [asked])

  const send = (text: string) => {
    const field = area.current!
    // What is being stored stays before it.
    field.value = field.value.slice(0, field.value.length - rest().length) + text
    // As if it had been typed: the draft follows.
    field.dispatchEvent(new Event('input', { bubbles: true }))
    allowed.current = text
    field.form!.requestSubmit()
    allowed.current = ''
    field.focus()
  }

  return (
    <>
      {(full || left <= NEAR) && <Room left={left} full={full} />}
      {asked && (
        // biome-ignore lint/a11y/useSemanticElements: a legend would not stand where the question does
        <div
          class="sensitive"
          part="card-question"
          role="group"
          aria-labelledby="cards"
          // Keeps the focus, and the keyboard of a phone, in the text.
          onPointerDown={event => event.preventDefault()}
        >
          <p id="cards">{words.t('cardAsk')}</p>
          <button type="button" class="button main" onClick={() => send(asked)}>
            {words.t('cardHide', { hidden: `•••• ${lastDigits(asked)}` })}
          </button>
          <Button class="button" label="cardSend" onClick={() => send(rest())} />
        </div>
      )}
    </>
  )
}

/** The four digits that were left of the first number. */
function lastDigits(hidden: string): string {
  const [, after = ''] = /•[^•\p{N}]?(\p{N}[^•]*)/u.exec(hidden) ?? []
  return (after.match(/\p{N}/gu) ?? []).slice(0, 4).join('')
}

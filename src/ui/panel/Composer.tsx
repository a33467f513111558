import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ThreadId } from '../../model/thread.ts'
import { useAround } from './around.ts'
import { Icon } from './Icon.tsx'

const LIMIT = 8000
/** From here on the visitor is told how much room is left. */
const NEAR = LIMIT * 0.8

interface ComposerProps {
  readonly threadId: ThreadId
  /** A message was stored and is on its way. */
  onSent(): void
}

/**
 * Where the visitor writes. The text area belongs to the browser: nothing is written into it while somebody types, or
 * input methods for Chinese, Japanese and Korean lose letters.
 */
export function Composer({ threadId, onSent }: ComposerProps) {
  const { chat, words, announcer, attempt } = useAround()
  const area = useRef<HTMLTextAreaElement>(null)
  const composing = useRef(false)
  const sending = useRef(false)
  /** What was stored while the visitor was composing, to be taken out of the text afterwards. */
  const stored = useRef('')
  const [length, setLength] = useState(0)

  /** Brings everything up to date that follows from the text. */
  const changed = () => {
    const element = area.current
    if (!element) return
    // `field-sizing` would do this, where it exists; one way for all browsers is easier to trust.
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
    setLength(element.value.trim() ? element.value.length : 0)
  }

  useLayoutEffect(() => {
    // Put in by hand: a value given by render would come back with each render.
    if (area.current) area.current.value = chat.$drafts.get()[threadId] ?? ''
    changed()
    // Another tab wrote or sent. Not while the visitor is at it here.
    return chat.$drafts.listen(drafts => {
      const element = area.current
      const draft = drafts[threadId] ?? ''
      if (!element || element.value === draft || (element.getRootNode() as ShadowRoot).activeElement === element) return
      element.value = draft
      changed()
    })
  }, [threadId])

  useEffect(() => () => chat.typing(threadId, false), [chat, threadId])

  /** Takes what was stored out of the text, and leaves what was written meanwhile. */
  const clear = () => {
    const element = area.current
    if (!element || !stored.current || composing.current) return
    if (element.value.startsWith(stored.current)) element.value = element.value.slice(stored.current.length).trimStart()
    stored.current = ''
    chat.draft(threadId, element.value)
    changed()
  }

  const send = async () => {
    const element = area.current
    if (!element || sending.current) return
    const text = element.value
    if (!text.trim() || text.length > LIMIT) return element.focus()
    sending.current = true
    const kept = await attempt(chat.send(threadId, { text: text.trim() }), 'notKept')
    sending.current = false
    if (!kept) return
    stored.current = text
    clear()
    chat.typing(threadId, false)
    onSent()
  }

  const onInput = () => {
    changed()
    const text = area.current?.value ?? ''
    chat.draft(threadId, text)
    chat.typing(threadId, text.trim() !== '')
  }

  const left = LIMIT - length
  const near = length >= NEAR
  const over = left < 0
  useEffect(() => {
    if (near) announcer.say(words.t(over ? 'over' : 'left', { count: Math.abs(left) }))
  }, [near, over])

  return (
    <form
      class={over ? 'composer over' : 'composer'}
      part="composer"
      onSubmit={event => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        ref={area}
        rows={1}
        class="input"
        part="input"
        dir="auto"
        data-start
        enterkeyhint="send"
        aria-label={words.t('write')}
        aria-invalid={over}
        placeholder={words.t('write')}
        onInput={onInput}
        onBlur={() => chat.typing(threadId, false)}
        onCompositionStart={() => {
          composing.current = true
        }}
        onCompositionEnd={() => {
          composing.current = false
          clear()
        }}
        onKeyDown={event => {
          // 229: Safari ends the composition before the Enter that ended it.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
          event.preventDefault()
          void send()
        }}
      />
      {near && <span class="room">{words.t(over ? 'over' : 'left', { count: Math.abs(left) })}</span>}
      <button
        type="submit"
        class="send"
        part="send"
        aria-label={words.t('send')}
        aria-disabled={length === 0 || over}
        // Keeps the focus, and the keyboard of a phone, in the text.
        onPointerDown={event => event.preventDefault()}
      >
        <Icon name="send" />
      </button>
    </form>
  )
}

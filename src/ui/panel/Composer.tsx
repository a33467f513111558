import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { MAX_WAITING } from '../../model/command.ts'
import type { ThreadId } from '../../model/thread.ts'
import { useAround } from './around.ts'
import { Icon } from './Icon.tsx'
import { late } from './late.ts'
import { useLimits } from './parts.ts'

const LIMIT = 8000
/** So many digits may be a card number; so many characters leave little room: both are worth a word. */
const NOTABLE = /(\p{N}\P{N}?){13}|.{6400}/su

const useAttach = late(() => import('./attach/index.tsx'))

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
  const { chat, look, words, attempt } = useAround()
  const area = useRef<HTMLTextAreaElement>(null)
  /**
   * `stored`: what was stored and is still in the text, to be taken out of it when nobody composes. `held`: somebody wanted
   * to send what waits for a word that is still on its way.
   */
  const now = useRef({ composing: false, sending: false, stored: '', held: false }).current
  const [text, setText] = useState('')
  // The conversation around it is rendered with each change of the link.
  const attach = useAttach(chat.$link.get().capabilities?.upload)

  /** Brings everything up to date that follows from the text. */
  const changed = () => {
    const { value, style } = area.current!
    // `field-sizing` would do this, where it exists; one way for all browsers is easier to trust.
    style.height = 'auto'
    style.height = `${area.current!.scrollHeight}px`
    setText(value)
  }
  const wrote = () => {
    const { value } = area.current!
    now.held = false
    changed()
    chat.draft(threadId, value)
    chat.typing(threadId, !!value.trim())
  }

  useLayoutEffect(
    () =>
      // Put in by hand: a value given by render would come back with each render.
      chat.$drafts.subscribe(drafts => {
        const element = area.current!
        const draft = drafts[threadId] ?? ''
        // Another tab wrote or sent. Not while the visitor is at it here.
        if (element.value === draft || (element.value && element.matches(':focus'))) return
        element.value = draft
        changed()
        // Its end is where the next letter goes.
        element.scrollTop = element.scrollHeight
      }),
    []
  )

  /** Takes what was stored out of the text, and leaves what was written meanwhile. */
  const clear = () => {
    const element = area.current
    const { stored, composing } = now
    if (!element || !stored || composing) return
    now.stored = ''
    if (element.value.startsWith(stored)) element.value = element.value.slice(stored.length).trimStart()
    wrote()
  }

  const send = async (event: Event) => {
    event.preventDefault()
    const { value } = area.current!
    if (now.sending || full || !value.trim() || value.length > LIMIT) return
    now.held = notable && limits === undefined
    if (now.held) return
    now.sending = true
    const kept = await attempt(chat.send(threadId, { text: value.trim(), grace: +look.undo }))
    now.sending = false
    if (!kept) return
    now.stored = value
    clear()
    onSent()
  }

  const full = chat.$status.get().waiting >= MAX_WAITING
  const over = text.length > LIMIT
  const notable = NOTABLE.test(text)
  const limits = useLimits(full || notable)

  return (
    <form class="composer" part="composer" onSubmit={send}>
      {attach && <attach.Attach threadId={threadId} onSent={onSent} />}
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
        onInput={wrote}
        onCompositionStart={() => {
          now.composing = true
        }}
        onCompositionEnd={() => {
          now.composing = false
          clear()
        }}
        onKeyDown={event => {
          // 229: Safari ends the composition before the Enter that ended it.
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) void send(event)
        }}
      />
      {limits && <limits.Guard left={LIMIT - text.length} area={area} held={now.held} />}
      <button
        type="submit"
        class="send"
        part="send"
        aria-label={words.t('send')}
        aria-disabled={!text.trim() || over || full}
        // Keeps the focus, and the keyboard of a phone, in the text.
        onPointerDown={event => event.preventDefault()}
      >
        <Icon name="send" />
      </button>
    </form>
  )
}

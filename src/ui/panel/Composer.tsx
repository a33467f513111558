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
   * `sent`: what the text begins with, by message; `going` of them are being stored, and they leave it when none is and
   * nobody composes. `held`: somebody wanted to send what waits for a word that is still on its way.
   */
  const now = useRef({ composing: false, going: 0, sent: [] as string[], held: false }).current
  const [text, setText] = useState('')
  // The conversation around it is rendered with each change of the link.
  const attach = useAttach(chat.$link.get().capabilities?.upload)

  /** What is written behind what was sent. What somebody has changed since is theirs again. */
  const rest = () => {
    let { value } = area.current!
    now.sent = now.sent.filter(text => {
      const isThere = value.startsWith(text)
      if (isThere) value = value.slice(text.length)
      return isThere
    })
    return value
  }
  /** Brings everything up to date that follows from the text. */
  const changed = () => {
    const { value, style } = area.current!
    // `field-sizing` would do this, where it exists; one way for all browsers is easier to trust.
    style.height = 'auto'
    style.height = `${area.current!.scrollHeight}px`
    setText(value)
  }
  const wrote = (event?: InputEvent) => {
    // All of it was written anew, however it begins.
    if (event?.data === area.current!.value && !now.composing) now.sent = []
    const draft = rest()
    now.held = false
    changed()
    chat.draft(threadId, draft)
    chat.typing(threadId, !!draft.trim())
  }

  useLayoutEffect(
    () =>
      // Put in by hand: a value given by render would come back with each render.
      chat.$drafts.subscribe(drafts => {
        const element = area.current!
        const draft = drafts[threadId] ?? ''
        // Another tab wrote or sent. Not while the visitor is at it here, unless something was taken back before it.
        if (now.going || now.composing || element.value === draft) return
        if (element.value && !draft.endsWith(`\n${element.value}`) && element.matches(':focus')) return
        element.value = draft
        changed()
        // Its end is where the next letter goes.
        element.scrollTop = element.scrollHeight
      }),
    []
  )

  /** Takes what was stored out of the text, and leaves what was written meanwhile. */
  const clear = (isKept: boolean) => {
    const element = area.current
    if (!element || now.going || now.composing || !now.sent[0]) return
    element.value = rest().trimStart()
    now.sent = []
    // What was refused may be of somebody who has signed out: then it is nobody's draft.
    if (isKept) wrote()
    else changed()
  }

  const send = async (event: Event) => {
    event.preventDefault()
    const text = rest()
    if (full || !text.trim() || text.length > LIMIT) return
    now.held = notable && limits === undefined
    if (now.held) return
    now.sent.push(text)
    now.going++
    const isKept = await attempt(chat.send(threadId, { text: text.trim(), grace: +look.undo }))
    now.going--
    // Stays, with what is behind it.
    if (!isKept) now.sent.splice(now.sent.indexOf(text))
    clear(isKept)
    if (isKept) onSent()
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
          clear(true)
        }}
        onKeyDown={event => {
          // 229: Safari ends the composition before the Enter that ended it.
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) void send(event)
        }}
      />
      {limits && <limits.Guard left={LIMIT - text.length} area={area} rest={rest} held={now.held} />}
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

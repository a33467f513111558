import type { RefObject } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { LIMITS } from '../../../src/transport/frames.ts'
import type { Conversation } from '../../server/wire/agent-frames.ts'
import { nameOf } from '../context/visitor-name.ts'
import { Icon } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { isChatting, isQueued } from '../queue/views.ts'
import { useStore } from '../use-store.ts'

const COUNT_FROM = LIMITS.text * 0.8

/** Where the answer is written. The words leave it only when they are safe. */
export function Composer({ conversation, textareaRef }: ComposerProps) {
  const inbox = useInbox()
  const { thread, visitor } = conversation
  const [length, setLength] = useState(() => inbox.drafts.get(thread.id).length)
  const [saving, setSaving] = useState(false)
  const chosen = useStore(inbox.uploads.$chosen)[thread.id] ?? []
  const ready = chosen.some(({ done }) => done)
  const uploading = chosen.some(({ done, problem }) => !done && !problem)
  const picker = useRef<HTMLInputElement>(null)
  /** Takes the files of what is pasted or dropped; words go where they always go. */
  const take = (event: Event, data: DataTransfer | null) => {
    if (!data?.types.includes('Files')) return
    event.preventDefault()
    inbox.uploads.add(thread.id, data.files)
  }
  const hintId = useId()
  const tooLong = length > LIMITS.text
  // Never rewritten while somebody types in it: an input method would lose its place.
  const initial = useRef(inbox.drafts.get(thread.id)).current

  useLayoutEffect(() => {
    grow(textareaRef.current)
    return () => inbox.typing.ours(thread.id, false)
  }, [])

  function write(textarea: HTMLTextAreaElement) {
    const text = textarea.value
    inbox.drafts.put(thread.id, text)
    inbox.typing.ours(thread.id, text.trim() !== '')
    setLength(text.length)
    grow(textarea)
  }

  async function send() {
    const textarea = textareaRef.current
    const text = textarea?.value.trim() ?? ''
    if (!textarea || saving || uploading || !(text || ready) || text.length > LIMITS.text) return
    inbox.typing.ours(thread.id, false)
    const { stored, sent } = inbox.outbox.add(thread.id, text, inbox.uploads.take(thread.id), thread.last)
    if (!stored) {
      // This browser keeps nothing: the composer is then the only safe place until the server has it.
      setSaving(true)
      const safe = await sent
      setSaving(false)
      if (!safe || textarea.value.trim() !== text) return
    }
    textarea.value = ''
    write(textarea)
    textarea.focus()
  }

  function press(event: KeyboardEvent) {
    if (event.key === 'Escape') textareaRef.current?.blur()
    // Safari ends the composition before this key, and only the old number still tells.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    void send()
  }

  return (
    <form
      class="composer"
      onDragOver={event => event.dataTransfer?.types.includes('Files') && event.preventDefault()}
      onDrop={event => take(event, event.dataTransfer)}
      onPaste={event => take(event, event.clipboardData)}
      onSubmit={event => {
        event.preventDefault()
        void send()
      }}
    >
      <Heed conversation={conversation} />
      {chosen.length > 0 && (
        <ul class="composer-files" aria-label="Files of your reply">
          {chosen.map(({ id, name, share, done, problem }) => (
            <li key={id} data-problem={problem !== ''}>
              <bdi>{name}</bdi> {problem || (done ? '' : `${Math.round(share * 100)} %`)}
              <button
                type="button"
                class="link-button"
                aria-label={`Remove ${name}`}
                onClick={() => inbox.uploads.remove(thread.id, id)}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="composer-box">
        <button type="button" class="composer-attach" aria-label="Add files" onClick={() => picker.current?.click()}>
          <Icon name="attach" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={event => {
            inbox.uploads.add(thread.id, event.currentTarget.files ?? [])
            // The same file again is a choice again.
            event.currentTarget.value = ''
          }}
        />
        <textarea
          ref={textareaRef}
          aria-label="Reply"
          aria-describedby={hintId}
          aria-invalid={tooLong}
          placeholder={`Reply to ${nameOf(visitor)}`}
          rows={1}
          defaultValue={initial}
          dir="auto"
          onInput={event => write(event.currentTarget)}
          onKeyDown={press}
        />
        <button
          type="submit"
          class="button button-primary composer-send"
          aria-disabled={(length === 0 && !ready) || tooLong || saving || uploading}
        >
          <Icon name="send" />
          <span>Send</span>
        </button>
      </div>
      <p class="composer-hint" id={hintId}>
        {tooLong ? (
          <strong>
            {length - LIMITS.text === 1 ? '1 character' : `${length - LIMITS.text} characters`} too long: send it in
            parts.
          </strong>
        ) : uploading ? (
          'Files are on their way; the reply can go when they are there.'
        ) : chosen.length > LIMITS.files ? (
          `A reply takes ${LIMITS.files} files; the others stay here for the next one.`
        ) : saving ? (
          'Sending. This browser keeps nothing, so the words stay here until the server has them.'
        ) : length >= COUNT_FROM ? (
          `${length} of ${LIMITS.text} characters`
        ) : (
          <>
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> starts a new line
          </>
        )}
      </p>
      <button type="button" class="composer-ask" onClick={() => void inbox.askForContact(thread.id)}>
        Ask for contact details
      </button>
    </form>
  )
}

export interface ComposerProps {
  readonly conversation: Conversation
  readonly textareaRef: RefObject<HTMLTextAreaElement | null>
}

/** What to know before answering. */
function Heed({ conversation }: { readonly conversation: Conversation }) {
  const { team } = useInbox()
  const me = useStore(team.$me).id
  const { visitor, thread, session, assignee } = conversation
  const name = nameOf(visitor)
  if (isQueued(conversation)) return <p class="heed heed-lamp">Your reply accepts the chat.</p>
  if (isChatting(conversation) && assignee !== null && assignee !== me) {
    const colleague = team.nameOf(assignee) ?? session?.agent?.name ?? 'A colleague'
    return (
      <p class="heed">
        {colleague} is chatting with {name} right now.
      </p>
    )
  }
  if (thread.state === 'closed')
    return <p class="heed">This conversation is closed. A new message of {name} opens it again.</p>
  if (!visitor.online)
    return <p class="heed">{name} is not on the site now, and will find your reply on coming back.</p>
  return null
}

/** As tall as its text, within what the style sheet allows; for browsers without `field-sizing`. */
function grow(textarea: HTMLTextAreaElement | null) {
  if (!textarea || CSS.supports('field-sizing', 'content')) return
  textarea.style.height = 'auto'
  textarea.style.height = `${textarea.scrollHeight}px`
}

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Chat } from '../../../core/chat.ts'
import { type Answers, type Form, formShape, tellAnswers } from '../../../model/form.ts'
import type { Asking, Message } from '../../../model/message.ts'
import type { ThreadId } from '../../../model/thread.ts'
import { enForms } from '../../strings/en-forms.ts'
import { useAround } from '../around.ts'
import { authorOf } from '../names.ts'
import { useOffers } from '../offers.ts'
import { useStore } from '../use-store.ts'
import { Fields, readAnswers } from './Fields.tsx'
import field from './field.css?inline'
import own from './forms.css?inline'

export const words = enForms
export const css = field + own

/** Kept like a draft, under a name that no thread has: what was answered, and is not asked again. */
const KNOWN = 'form known'
/** The same of what is being filled in before a conversation, whichever it becomes. */
const FIRST = 'form first'

interface BeforeProps {
  readonly form: Form
  readonly threadId: ThreadId
  /** What comes instead when there is nothing to ask. */
  readonly children: ComponentChildren
}

/** What is asked before a conversation begins: only what is not known yet. */
export function Before({ form, threadId, children }: BeforeProps) {
  const { chat, words, attempt, $view } = useAround()
  const offers = useOffers()
  const box = useRef<HTMLDivElement>(null)
  /** It is ours, while nobody is home: what is said is a message like others. Whoever writes one already goes on so. */
  const note = useRef(form !== chat.$availability.get()?.form).current
  const isWriting = useRef(note && chat.$drafts.get()[threadId]).current
  const kept = useStore(chat.$drafts)[KNOWN]
  // As it was when the conversation was opened: an answer makes nothing move.
  const known = useRef({ ...chat.$visitor.get(), ...readAnswers(kept) } as Answers).current
  const asked = form.fields.filter(field => field.again || !known[field.name])
  const rest: Form = { ...form, fields: asked }

  useLayoutEffect(() => {
    // Only for whoever opened it: nobody is pulled out of what they do on the page.
    if ($view.get().focus) box.current?.querySelector<HTMLElement>('[data-field]')?.focus({ preventScroll: true })
    return () => {
      // Somebody is home again, and the form is gone: its words go on where one writes then.
      if (note && chat.$availability.get()?.open) moveNote(chat, threadId)
    }
  }, [])

  if (formShape(form, 'form') || !asked.length || isWriting || (note && known.email)) return children

  const go = async (given: Answers, by: string) => {
    await attempt(identify(chat, given))
    const all = { ...known, ...given }
    const values = Object.fromEntries(form.fields.map(field => [field.name, all[field.name] ?? '']))
    const said = { text: tellAnswers(form, values) || '–', answers: { to: null, values } }
    const sent = await attempt(chat.send(threadId, note ? { text: String(given.message) } : said))
    if (!sent) return
    if (!note) chat.draft(KNOWN, JSON.stringify(all))
    chat.draft(FIRST, '')
    if (by) void attempt(chat.start(threadId))
  }
  const title = words.t(note ? 'leaveMessage' : 'formFirst')
  return (
    <div class="before" ref={box}>
      <Fields form={rest} label={title} draft={FIRST} onAnswers={go} above={<h3>{title}</h3>}>
        {offers.chat && (
          <button type="submit" class="button main" value="chat">
            {words.t('chatNow')}
          </button>
        )}
        {offers.message && (
          <button type="submit" class={offers.chat ? 'button' : 'button main'}>
            {form.submit ?? words.t(offers.chat ? 'leaveMessage' : 'formGo')}
          </button>
        )}
      </Fields>
    </div>
  )
}

/** A form in a conversation, until it is answered; nothing if what came is none. */
export function InThread({ message }: { readonly message: Message }) {
  const { id, threadId, content } = message
  const { chat, words, attempt } = useAround()
  const entries = useStore(chat.$messages)[threadId]?.entries ?? []
  const { form } = content as Asking
  const answered = entries.some(
    ({ message: { content } }) => content?.type === 'answers' && 'to' in content && content.to === id
  )
  if (answered || formShape(form, 'form')) return null
  return (
    <Fields
      form={form}
      label={words.t('formFrom', { name: authorOf(message, words) })}
      draft={draftOf(id)}
      known={{ ...chat.$visitor.get() }}
      onAnswers={async values => {
        await attempt(identify(chat, values))
        const said = tellAnswers(form, values) || '–'
        if (await attempt(chat.send(threadId, { text: said, answers: { to: id, values } }))) chat.draft(draftOf(id), '')
      }}
    >
      <button type="submit" class="button main">
        {form.submit ?? words.t('formSend')}
      </button>
    </Fields>
  )
}

/** The message of a note that was not sent becomes the draft of its thread. */
function moveNote(chat: Chat, threadId: ThreadId): void {
  const { message, ...others } = readAnswers(chat.$drafts.get()[FIRST])
  if (!message) return
  chat.draft(threadId, String(message))
  chat.draft(FIRST, JSON.stringify(others))
}

/** Takes a name and an address for those of the visitor. */
async function identify(chat: Chat, { name, email }: Answers): Promise<void> {
  const said = { ...(name && { name: String(name) }), ...(email && { email: String(email) }) }
  const known = chat.$visitor.get()
  if ((name && name !== known.name) || (email && email !== known.email)) await chat.identify(said)
}

const draftOf = (id: string) => `form ${id}`

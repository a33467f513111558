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
import css from './forms.css?inline'

export const words = enForms
export { css }

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
  const kept = useStore(chat.$drafts)[KNOWN]
  // As it was when the conversation was opened: an answer makes nothing move.
  const known = useRef({ ...chat.$visitor.get(), ...readAnswers(kept) } as Answers).current
  const asked = form.fields.filter(field => field.again || !known[field.name])
  const rest: Form = { ...form, fields: asked }

  useLayoutEffect(() => {
    // Only for whoever opened it: nobody is pulled out of what they do on the page.
    if ($view.get().focus) box.current?.querySelector<HTMLElement>('[data-field]')?.focus({ preventScroll: true })
  }, [])

  if (formShape(form, 'form') || !asked.length) return children

  const go = async (given: Answers, by: string) => {
    await attempt(identify(chat, given))
    const all = { ...known, ...given }
    const values = Object.fromEntries(form.fields.map(field => [field.name, all[field.name] ?? '']))
    const sent = await attempt(
      chat.send(threadId, { text: tellAnswers(form, values) || '–', answers: { to: null, values } })
    )
    if (!sent) return
    chat.draft(KNOWN, JSON.stringify(all))
    chat.draft(FIRST, '')
    if (by) void attempt(chat.start(threadId))
  }
  return (
    <div class="before" ref={box}>
      <Fields
        form={rest}
        label={words.t('formFirst')}
        draft={FIRST}
        onAnswers={go}
        above={<h3>{words.t('formFirst')}</h3>}
      >
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

/** Takes a name and an address for those of the visitor. */
async function identify(chat: Chat, { name, email }: Answers): Promise<void> {
  const said = { ...(name && { name: String(name) }), ...(email && { email: String(email) }) }
  const known = chat.$visitor.get()
  if ((name && name !== known.name) || (email && email !== known.email)) await chat.identify(said)
}

const draftOf = (id: string) => `form ${id}`

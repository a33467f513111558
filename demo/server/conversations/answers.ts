import { type Answers, answersTo, type Form, flawsOf, tellAnswers } from '../../../src/model/form.ts'
import type { Answered } from '../../../src/model/message.ts'
import { columns } from '../store/store.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { Writing } from './writing.ts'

/** A message that answers a form. */
export interface Answering {
  readonly threadId: string
  /** The message with the form; `null`: the one that is asked before a conversation. */
  readonly to: string | null
  readonly values: Answers
  /** The one that is asked before a conversation, if there is one. */
  readonly first: Form | undefined
}

/** What to place for answers: their words and values, made here from the form, so that they are what was asked for. */
export type Answer = { readonly text: string; readonly content: Answered } | Refusal

/** Looks up what each of these answers, and whether it may. */
export async function judgeAnswers(w: Writing, all: readonly Answering[]): Promise<readonly Answer[]> {
  if (!all.length) return []
  const rows = await w.query<{ form: Form | null; done: boolean }>(
    `SELECT m.content -> 'form' AS form, EXISTS (
       SELECT FROM messages a WHERE a.thread_id = asked.thread_id AND a.content ->> 'type' = 'answers'
         AND a.content ->> 'to' = asked.id) AS done
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (thread_id, id, nth)
       LEFT JOIN messages m ON m.thread_id = asked.thread_id AND m.id = asked.id AND m.content ->> 'type' = 'form'
     ORDER BY asked.nth`,
    columns(
      all,
      one => one.threadId,
      one => one.to
    )
  )
  return all.map(({ to, values, first }, i) => {
    const form = to === null ? first : rows[i]!.form
    if (!form) return refuse('no-form', 'command.answers.to: expected a message of this thread with a form')
    if (rows[i]!.done) return refuse('answered', 'command.answers.to: this form was answered already')
    const flaws = Object.entries(flawsOf(form, values))
    if (flaws.length) {
      const [name, flaw] = flaws[0]!
      return refuse('answers', `command.answers.values.${name}: expected ${RIGHT[flaw]}`)
    }
    const given = answersTo(form, values)
    return { text: tellAnswers(form, given) || '–', content: { type: 'answers', to, values: given } }
  })
}

const RIGHT = {
  required: 'an answer',
  email: 'an address such as name@example.com',
  option: 'one of the options',
  'too-long': 'fewer characters'
} as const

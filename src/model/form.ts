import { flag, list, object, optional, type Shape, text } from './shape.ts'

/** What a backend asks a visitor, before a conversation or in it. */
export interface Form {
  /** 1 to 20 of them, each with a name of its own. */
  readonly fields: readonly Field[]
  /** What stands on the button; left out: the reader's own words. */
  readonly submit?: string | undefined
}

export interface Field {
  /** Names the answer; `name` and `email` are what the visitor is called, and known from then on. */
  readonly name: string
  readonly label: string
  /** `text`, `email`, `long` (several lines), `select`, `checkbox` or `consent`. A kind that a reader does not know is `text`. */
  readonly kind: string
  /** An answer is needed; a `consent` has to be given. */
  readonly required?: boolean | undefined
  /** Of a `select`: what to choose from. */
  readonly options?: readonly string[] | undefined
  /** Stands below the label. */
  readonly hint?: string | undefined
  /** Where to read more, such as what is consented to. */
  readonly link?: { readonly label: string; readonly url: string } | undefined
  /** Asked before each conversation; left out: what was answered once is not asked again. */
  readonly again?: boolean | undefined
}

/** By the names of the fields: words, or whether a box is ticked. */
export type Answers = Readonly<Record<string, string | boolean>>

/** What an answer may be wrong in. */
export type Flaw = 'required' | 'email' | 'option' | 'too-long'

/** The longest answer; several lines are those of a `long`. */
export const MAX_ANSWER = 2000

const isBox = ({ kind }: Field) => kind === 'checkbox' || kind === 'consent'

/** What is wrong with the answers, by the names of the fields; nothing: they can be sent. */
export function flawsOf({ fields }: Form, answers: Answers): Readonly<Record<string, Flaw>> {
  return Object.fromEntries(
    fields.flatMap(field => {
      const flaw = flawOf(field, answers[field.name])
      return flaw ? [[field.name, flaw]] : []
    })
  )
}

function flawOf(field: Field, answer: string | boolean = ''): Flaw | undefined {
  if (isBox(field)) return field.required && answer !== true ? 'required' : undefined
  const said = String(answer || '').trim()
  if (!said) return field.required ? 'required' : undefined
  if (said.length > MAX_ANSWER) return 'too-long'
  if (field.kind === 'email' && !/^[^\s@]+@[^\s@]+$/.test(said)) return 'email'
  return field.kind === 'select' && !field.options?.includes(said) ? 'option' : undefined
}

/** The answers that the form asks for, and nothing that came along with them. */
export function answersTo({ fields }: Form, answers: Answers): Answers {
  return Object.fromEntries(
    fields.flatMap((field): [string, string | boolean][] => {
      const answer = answers[field.name]
      if (isBox(field)) return [[field.name, answer === true]]
      return String(answer || '').trim() ? [[field.name, String(answer).trim()]] : []
    })
  )
}

/** The answers as words, one line each: what stands in the conversation. */
export function tellAnswers(form: Form, answers: Answers): string {
  const given = answersTo(form, answers)
  return form.fields
    .filter(({ name }) => name in given)
    .map(({ name, label }) => `${label}: ${given[name] === true ? '✓' : given[name] === false ? '✗' : given[name]}`)
    .join('\n')
}

const field = object({
  name: text(64, 1),
  label: text(200, 1),
  kind: text(20, 1),
  required: optional(flag),
  options: optional(list(text(200, 1), 50)),
  hint: optional(text(500)),
  link: optional(object({ label: text(200, 1), url: text(2000, 1) })),
  again: optional(flag)
})

const members = object({ fields: list(field, 20), submit: optional(text(80, 1)) })

/** Whether what came from outside is a form. */
export const formShape: Shape = (value, at) => {
  const problem = members(value, at)
  if (problem) return problem
  const { fields } = value as Form
  if (!fields.length) return `${at}.fields: expected at least one`
  const twice = fields.find(({ name }, i) => fields.findIndex(other => other.name === name) < i)
  if (twice) return `${at}.fields: expected names that differ, got ${twice.name} twice`
  const empty = fields.find(({ kind, options }) => kind === 'select' && !options?.length)
  if (empty) return `${at}.fields: expected options for ${empty.name}, which is a select`
  return undefined
}

/** Whether what came from outside are answers; whether they are right, {@link flawsOf} tells. */
export const answersShape: Shape = (value, at) => {
  const problem = object({})(value, at)
  if (problem) return problem
  const entries = Object.entries(value as object)
  if (entries.length > 20) return `${at}: expected at most 20 answers, got ${entries.length}`
  for (const [name, answer] of entries) {
    if (typeof answer === 'boolean') continue
    const flaw = text(MAX_ANSWER)(answer, `${at}.${name.slice(0, 64)}`)
    if (flaw) return flaw
  }
  return undefined
}

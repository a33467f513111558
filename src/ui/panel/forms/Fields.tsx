import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { type Answers, type Field, type Flaw, type Form, flawsOf, MAX_ANSWER } from '../../../model/form.ts'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import { Link } from '../rich/links.tsx'

interface FieldsProps {
  readonly form: Form
  /** What names it, for ears. */
  readonly label: string
  /** Where half-filled answers are kept. */
  readonly draft: string
  /** What is known already, to begin with. */
  readonly known?: Answers
  /** The answers are right; `by` is the value of the button that was pressed. */
  onAnswers(answers: Answers, by: string): Promise<void>
  /** Stands above the fields, and the buttons below them. */
  readonly above?: ComponentChildren
  readonly children: ComponentChildren
}

/** A form with its errors: what is wrong stands at its field, and the first of them gets the focus. */
export function Fields({ form, label, draft, known, onAnswers, above, children }: FieldsProps) {
  const { chat } = useAround()
  const element = useRef<HTMLFormElement>(null)
  const [flaws, setFlaws] = useState<Readonly<Record<string, Flaw>>>({})
  const [sending, setSending] = useState(false)
  // Put in once: what is typed belongs to the browser.
  const kept = useRef<Answers>({ ...known, ...readAnswers(chat.$drafts.get()[draft]) }).current
  const answers = () => collect(element.current!, form)

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const found = flawsOf(form, answers())
    setFlaws(found)
    const first = form.fields.find(({ name }) => found[name])
    if (first) return void controlOf(element.current!, form, first)?.focus()
    if (sending) return
    setSending(true)
    await onAnswers(answers(), (event.submitter as HTMLButtonElement | null)?.value ?? '')
    setSending(false)
  }

  return (
    <form
      ref={element}
      class="form"
      part="form"
      aria-label={label}
      noValidate
      onSubmit={submit}
      onInput={event => {
        chat.draft(draft, JSON.stringify(answers()))
        const at = Number((event.target as HTMLElement).dataset.field)
        const { [form.fields[at]?.name ?? '']: _, ...others } = flaws
        setFlaws(others)
      }}
    >
      {above}
      {form.fields.map((field, at) => (
        <Question key={field.name} field={field} at={at} flaw={flaws[field.name]} kept={kept[field.name]} />
      ))}
      <div class="buttons" aria-busy={sending}>
        {children}
      </div>
    </form>
  )
}

interface QuestionProps {
  readonly field: Field
  readonly at: number
  readonly flaw: Flaw | undefined
  readonly kept: string | boolean | undefined
}

function Question({ field, at, flaw, kept }: QuestionProps) {
  const { words } = useAround()
  const id = useId()
  const { kind, required = false, hint, link, options = [] } = field
  const isBox = kind === 'checkbox' || kind === 'consent'
  const shared = {
    id,
    'data-field': at,
    'aria-required': required,
    'aria-invalid': !!flaw,
    'aria-describedby': [hint && `${id}-hint`, flaw && `${id}-flaw`].filter(Boolean).join(' ') || undefined
  }
  const text = typeof kept === 'string' ? kept : ''
  const label = required || isBox ? field.label : words.t('formOptional', { label: field.label })
  const below = (
    <>
      {link && (
        <p class="more">
          <Link href={link.url}>
            <bdi>{link.label}</bdi>
          </Link>
        </p>
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          <bdi>{hint}</bdi>
        </p>
      )}
      {flaw && (
        <p class="flaw" id={`${id}-flaw`}>
          {words.t(isBox && flaw === 'required' ? 'flaw-box' : (`flaw-${flaw}` as StringKey))}
        </p>
      )}
    </>
  )
  if (isBox) {
    return (
      <div class="question box">
        <input type="checkbox" {...shared} defaultChecked={kept === true} />
        <label for={id}>
          <bdi>{label}</bdi>
        </label>
        {below}
      </div>
    )
  }
  return (
    <div class="question">
      <label for={id}>
        <bdi>{label}</bdi>
      </label>
      {kind === 'select' ? (
        <select {...shared} class="answer">
          <option value="">{words.t('formChoose')}</option>
          {options.map(option => (
            <option selected={option === text}>{option}</option>
          ))}
        </select>
      ) : kind === 'long' ? (
        <textarea {...shared} class="answer" rows={3} maxLength={MAX_ANSWER} dir="auto" defaultValue={text} />
      ) : (
        <input
          {...shared}
          class="answer"
          type="text"
          inputMode={kind === 'email' ? 'email' : 'text'}
          autocomplete={kind === 'email' ? 'email' : field.name === 'name' ? 'name' : 'off'}
          maxLength={MAX_ANSWER}
          dir="auto"
          defaultValue={text}
        />
      )}
      {below}
    </div>
  )
}

function controlOf(form: HTMLFormElement, { fields }: Form, field: Field): HTMLInputElement | null {
  return form.querySelector(`[data-field="${fields.indexOf(field)}"]`)
}

function collect(element: HTMLFormElement, form: Form): Answers {
  return Object.fromEntries(
    form.fields.map(field => {
      const control = controlOf(element, form, field)
      return [field.name, control?.type === 'checkbox' ? control.checked : (control?.value ?? '')]
    })
  )
}

/** Answers as they were kept; none if there are none. */
export function readAnswers(kept: string | undefined): Answers {
  return kept ? (JSON.parse(kept) as Answers) : {}
}

import type { Consent } from '../../model/consent.ts'
import { checkRules, type Explanation, explain, type Rule } from '../../model/rule.ts'
import type { Readable } from '../store.ts'
import { enRules } from '../strings/en-rules.ts'
import type { Strings } from '../strings.ts'
import css from './bubble.css?inline'
import { type BubbleWords, showBubble } from './bubble.ts'
import { createMemory, type Remembered } from './past.ts'
import { watchPage } from './visit.ts'

/** For how long after its last message a conversation is one that goes on, in milliseconds. */
const RECENT = 7 * 86_400_000

export interface RulesParts {
  /** What the page wrote; may be anything. */
  readonly given: unknown
  /** Names what is remembered. */
  readonly name: string
  readonly consent: Consent | undefined
  /** The widget's element. */
  readonly host: HTMLElement
  readonly strings: Partial<Strings> | undefined
  readonly $open: Readable<boolean>
  /** When the visitor's conversations last changed; 0: there are none, or none are known. */
  lastActivity(): number
  /** Opens a conversation because a visitor pressed something. */
  open(threadId: string): void
}

/** What a rule is shown for, or is not, right now. */
export interface Explained extends Explanation {
  /** Nothing of this is a condition, and each of it keeps every rule from being shown. */
  readonly against: readonly string[]
}

export interface Rules {
  /** The page said something that rules wait for. */
  trigger(event: string): void
  explain(): readonly Explained[]
  /** What was wrong with what the page wrote. */
  readonly problems: readonly string[]
  /** What may be kept has changed. */
  allow(consent: Consent): void
  /** The visitor has signed out. */
  forget(): void
  /** First words of conversations that a rule began, by their threads. */
  openings(): Remembered['openings']
  close(): void
}

/**
 * Watches the page, and offers a conversation where a rule says so.
 *
 * Nothing here is taken from the files of the widget: what two entries share becomes a file of its own, and each is one
 * more request before the launcher is there.
 */
export async function watchRules(parts: RulesParts): Promise<Rules> {
  const { host, $open } = parts
  const life = new AbortController()
  const { signal } = life
  const { set, problems } = checkRules(parts.given)
  for (const problem of problems) console.warn(problem)

  const root = host.shadowRoot!
  const frame = root.querySelector('.frame')!
  const words: BubbleWords = {
    ...enRules,
    ...(frame.getAttribute('lang')?.startsWith('ar')
      ? ((await import('../strings/ar.ts')).ar as unknown as BubbleWords)
      : {}),
    ...(parts.strings as Partial<BubbleWords>)
  }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets.push(sheet)

  /** What is shown now. */
  let shown: { readonly rule: Rule; hide(): void } | undefined
  const memory = createMemory(`${parts.name}:rules`, parts.consent, () => look(), signal)
  const page = watchPage(
    event => event.composedPath().includes(host),
    () => look(),
    signal
  )

  const against = () => [
    ...page.against(),
    ...($open.get() ? ['open'] : []),
    ...(Date.now() - parts.lastActivity() < RECENT ? ['conversation'] : [])
  ]
  const explainAll = () => {
    const past = memory.get()
    const visit = { ...past, ...page.get() }
    return set.rules.map(rule => explain(rule, set, visit, past, Date.now()))
  }
  const hide = () => {
    shown?.hide()
    shown = undefined
  }
  const dismiss = () => {
    hide()
    memory.act()
    memory.change({ quietUntil: Date.now() + (set.quietHours ?? 24) * 3_600_000 })
  }
  const accept = ({ message, from = '' }: Rule) => {
    hide()
    memory.act()
    const threadId = newId()
    memory.change({ openings: { ...memory.get().openings, [threadId]: { message, from, at: Date.now() } } })
    parts.open(threadId)
  }

  const look = () => {
    if (signal.aborted) return
    if (shown) {
      const { rule } = shown
      const { failed, quietUntil } = explainAll().find(({ id }) => id === rule.id)!
      // Another page of the site, another tab in which it was closed, or the panel was opened.
      if (failed.includes('url') || quietUntil || $open.get()) hide()
      return
    }
    const ready = explainAll().find(({ ready }) => ready)
    const rule = ready && set.rules.find(({ id }) => id === ready.id)!
    if (!rule) return
    const reasons = against()
    // Somebody who stopped in the middle of a form is still in it.
    const isIdle = rule.when.idle !== undefined
    if (reasons.some(reason => !isIdle || !/^(typing|form)$/.test(reason))) return
    const past = memory.get().shown
    memory.change({ shown: { ...past, [rule.id]: [...(past[rule.id] ?? []), Date.now()] } })
    shown = { rule, hide: showBubble(frame, rule, words, () => accept(rule), dismiss) }
  }
  signal.addEventListener('abort', $open.listen(look))
  signal.addEventListener('abort', hide)
  look()

  return {
    problems,
    trigger: page.say,
    explain: () => explainAll().map(explanation => ({ ...explanation, against: against() })),
    allow: memory.allow,
    forget: memory.forget,
    openings: () => memory.get().openings,
    close: () => life.abort()
  }
}

/** A name for a conversation, as `createId` gives them; that one comes with the chat. */
function newId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/[+/]/g, '-')
    .replace(/=/g, '')
}

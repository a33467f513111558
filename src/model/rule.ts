import { isLike } from './pattern.ts'

/** A few words that are offered to a visitor, and when. Plain data. */
export interface Rule {
  /** Names it, in what is remembered of it and in `explain`. */
  readonly id: string
  /** What is offered; the first words of the conversation that it opens. */
  readonly message: string
  /** Who says it, such as `Sam`; default: nobody in particular. */
  readonly from?: string
  /** All of these have to hold. */
  readonly when: Conditions
  /** How often one visitor is shown it, in all; default 1. */
  readonly most?: number
}

export interface Conditions {
  /** Seconds for which the page was in view. */
  readonly seconds?: number
  /** How far down the page the visitor has been, from 0 to 100. */
  readonly scroll?: number
  /** The pointer left the page at its top, as on the way to another tab. */
  readonly exit?: true
  /**
   * The address: `/lamps/*` is compared with the path (with what stands behind it, if the pattern has a `?` or `#`), a
   * pattern that does not begin with `/` with the whole. `*` is anything. Of several, one.
   */
  readonly url?: string | readonly string[]
  /** This is at least their so many-th visit; pages with less than half an hour between them are one. */
  readonly visits?: number
  /** Where this visit came from: the whole address, or its host. `*` is anything. */
  readonly referrer?: string
  /** What the address had at the beginning of the visit: `{ source: 'newsletter' }` is `utm_source=newsletter`. */
  readonly utm?: Readonly<Record<string, string>>
  /** The page has said this: `Porchlight('trigger', 'basket')`. */
  readonly event?: string
  /** A form was begun, and nothing was written in it for so many seconds. */
  readonly idle?: number
}

export type Condition = keyof Conditions

export interface RuleSet {
  readonly rules: readonly Rule[]
  /** How many may be shown in one day, of all of them; default 2. */
  readonly perDay?: number
  /** For how many hours nothing is shown after the visitor has closed one; default 24. */
  readonly quietHours?: number
}

/** This page and this visit, as far as rules ask. */
export interface Visit {
  readonly seconds: number
  readonly scroll: number
  readonly exit: boolean
  readonly url: string
  readonly visits: number
  readonly referrer: string
  readonly utm: Readonly<Record<string, string>>
  readonly events: readonly string[]
  /** Seconds since something was written in a form; `undefined`: no form was begun. */
  readonly idle: number | undefined
}

/** What has been shown before. Times in milliseconds since the epoch. */
export interface Past {
  /** When each rule was shown. */
  readonly shown: Readonly<Record<string, readonly number[]>>
  /** Nothing is shown before that. */
  readonly quietUntil: number
}

/** Why a rule is shown, or is not. */
export interface Explanation {
  readonly id: string
  readonly matched: readonly Condition[]
  readonly failed: readonly Condition[]
  /** How often it may still be shown: this rule at all, and any rule today. */
  readonly left: { readonly rule: number; readonly today: number }
  /** In milliseconds since the epoch; 0: the visitor closed none. */
  readonly quietUntil: number
  /** All conditions hold, and there is budget left. */
  readonly ready: boolean
}

const DAY = 86_400_000

export function explain(
  { id, when, most = 1 }: Rule,
  set: RuleSet,
  visit: Visit,
  past: Past,
  now: number
): Explanation {
  const names = Object.keys(when) as Condition[]
  const matched = names.filter(name => HOLDS[name](when[name] as never, visit))
  const today = Object.values(past.shown)
    .flat()
    .filter(at => now - at < DAY).length
  const left = {
    rule: Math.max(0, most - (past.shown[id]?.length ?? 0)),
    today: Math.max(0, (set.perDay ?? 2) - today)
  }
  const quietUntil = past.quietUntil > now ? past.quietUntil : 0
  return {
    id,
    matched,
    failed: names.filter(name => !matched.includes(name)),
    left,
    quietUntil,
    ready: matched.length === names.length && left.rule > 0 && left.today > 0 && !quietUntil
  }
}

type Holds = { readonly [Name in Condition]: (wanted: NonNullable<Conditions[Name]>, visit: Visit) => boolean }

const HOLDS: Holds = {
  seconds: (wanted, { seconds }) => seconds >= wanted,
  scroll: (wanted, { scroll }) => scroll >= wanted,
  exit: (_, { exit }) => exit,
  url: (wanted, { url }) => [wanted].flat().some(pattern => matchesUrl(pattern as string, url)),
  visits: (wanted, { visits }) => visits >= wanted,
  referrer: (wanted, { referrer }) =>
    isLike(referrer, wanted) || (URL.canParse(referrer) && isLike(new URL(referrer).host, wanted)),
  utm: (wanted, { utm }) => Object.entries(wanted).every(([name, value]) => isLike(utm[name] ?? '', value)),
  event: (wanted, { events }) => events.includes(wanted),
  idle: (wanted, { idle }) => idle !== undefined && idle >= wanted
}

function matchesUrl(pattern: string, url: string): boolean {
  if (!pattern.startsWith('/')) return isLike(url, pattern)
  const { pathname, search, hash } = new URL(url)
  return isLike(pathname + (pattern.includes('?') ? search : '') + (pattern.includes('#') ? hash : ''), pattern)
}

/** What may be shown, and what is wrong with the rest, in words for whoever wrote it. */
export interface Checked {
  readonly set: RuleSet
  readonly problems: readonly string[]
}

/** Takes what is right of whatever was given: rules, a set of them, or either as JSON. Never throws. */
export function checkRules(given: unknown): Checked {
  const problems: string[] = []
  const wrong = (where: string, right: string, value: unknown) => {
    problems.push(`porchlight: ${where} must be ${right}, got ${JSON.stringify(value) ?? typeof value}`)
  }
  let value = given
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given)
    } catch {
      wrong('rules', 'a list of rules, or JSON of one', given)
    }
  }
  const set = (Array.isArray(value) ? { rules: value } : value) as Partial<RuleSet> | null
  if (!Array.isArray(set?.rules)) {
    if (!problems.length) wrong('rules', 'a list of rules, or { rules, perDay, quietHours }', value)
    return { set: { rules: [] }, problems }
  }
  const numbers = Object.entries(set).filter(([name, value]) => {
    if (name === 'rules') return false
    const isRight = /^(perDay|quietHours)$/.test(name) && isAmount(value)
    if (!isRight) wrong(`rules.${name}`, name === 'perDay' || name === 'quietHours' ? AMOUNT : 'left out', value)
    return isRight
  })
  const ids = new Set<unknown>()
  const rules = set.rules.filter((rule: Rule, i: number) => {
    const before = problems.length
    checkRule(rule, `rules[${i}]`, wrong)
    if (before === problems.length && ids.has(rule.id)) wrong(`rules[${i}].id`, 'another one than before', rule.id)
    ids.add(rule?.id)
    return before === problems.length
  })
  return { set: { ...Object.fromEntries(numbers), rules }, problems }
}

type Wrong = (where: string, right: string, value: unknown) => void

function checkRule(rule: unknown, at: string, wrong: Wrong): void {
  if (!isObject(rule)) {
    wrong(at, 'a rule, { id, message, when }', rule)
    return
  }
  for (const name of new Set([...Object.keys(MEMBERS), ...Object.keys(rule)])) {
    const value = rule[name]
    const [right, isRight] = MEMBERS[name] ?? ['left out', () => false]
    if (!isRight(value)) wrong(`${at}.${name}`, right, value)
  }
  if (!isObject(rule.when)) return
  for (const [name, value] of Object.entries(rule.when)) {
    const [right, isRight] = Object.hasOwn(CONDITIONS, name)
      ? CONDITIONS[name as Condition]
      : [`one of ${Object.keys(CONDITIONS).join(', ')}`, () => false]
    if (!isRight(value)) wrong(`${at}.when.${name}`, right, value)
  }
}

type Check = readonly [right: string, isRight: (value: unknown) => boolean]

const AMOUNT = 'a number from 0'
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown) => typeof value === 'string' && value.trim() !== ''
const isAmount = (value: unknown) => typeof value === 'number' && value >= 0
const text: Check = ['a text', isText]
const amount: Check = [AMOUNT, isAmount]

const MEMBERS: Readonly<Record<string, Check>> = {
  id: text,
  message: ['a text of up to 300 letters', value => isText(value) && String(value).length <= 300],
  from: ['a text, or left out', value => value === undefined || isText(value)],
  most: ['a number from 1, or left out', value => value === undefined || (isAmount(value) && Number(value) >= 1)],
  when: ['conditions, at least one', value => isObject(value) && Object.keys(value).length > 0]
}

const CONDITIONS: Readonly<Record<Condition, Check>> = {
  seconds: amount,
  scroll: ['a number from 0 to 100', value => isAmount(value) && Number(value) <= 100],
  exit: ['true', value => value === true],
  url: ['a pattern, or a list of them', value => [value].flat().every(isText) && [value].flat().length > 0],
  visits: amount,
  referrer: text,
  utm: ['texts by their names', value => isObject(value) && Object.values(value).every(isText)],
  event: text,
  idle: amount
}

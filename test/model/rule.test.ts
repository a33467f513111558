import { describe, expect, it } from 'vitest'
import { checkRules, explain, type Past, type Rule, type Visit } from '../../src/model/rule.ts'

const NOW = Date.UTC(2026, 4, 5, 12)
const HOUR = 3_600_000
const NEVER: Past = { shown: {}, quietUntil: 0 }
const visit: Visit = {
  seconds: 20,
  scroll: 40,
  exit: false,
  url: 'https://shop.example/lamps/wren?colour=red#sizes',
  visits: 2,
  referrer: 'https://news.example/best-lamps',
  utm: { source: 'letter', campaign: 'spring' },
  events: ['basket'],
  idle: undefined
}
const rule = (when: Rule['when'], more: Partial<Rule> = {}): Rule => ({ id: 'r', message: 'Hello', when, ...more })
const explained = (one: Rule, seen = visit, past = NEVER, limits = {}) =>
  explain(one, { rules: [one], ...limits }, seen, past, NOW)

describe('explain', () => {
  it.each<[Rule['when'], Rule['when']]>([
    [{ seconds: 20 }, { seconds: 21 }],
    [{ scroll: 40 }, { scroll: 41 }],
    [{ url: '/lamps/*' }, { url: '/lamps' }],
    [{ url: '/lamps/wren' }, { url: '/lamps/wre' }],
    [{ url: '/lamps/*?*colour=red' }, { url: '/lamps/*?*colour=blue' }],
    [{ url: ['/none', '*#sizes'] }, { url: ['/none', '/lamps/wren.'] }],
    [{ url: 'https://shop.example/*' }, { url: 'https://other.example/*' }],
    [{ visits: 2 }, { visits: 3 }],
    [{ referrer: 'news.example' }, { referrer: 'example' }],
    [{ referrer: '*best-lamps' }, { referrer: 'https://news.example/' }],
    [{ utm: { source: 'letter', campaign: 'sp*' } }, { utm: { source: 'letter', medium: 'mail' } }],
    [{ event: 'basket' }, { event: 'bask' }]
  ])('holds for %j, not for %j', (holds, fails) => {
    expect(explained(rule(holds))).toMatchObject({ matched: Object.keys(holds), failed: [], ready: true })
    expect(explained(rule(fails))).toMatchObject({ matched: [], failed: Object.keys(fails), ready: false })
  })

  it('knows who is about to leave, and who stopped in a form', () => {
    expect(explained(rule({ exit: true })).ready).toBe(false)
    expect(explained(rule({ exit: true }), { ...visit, exit: true }).ready).toBe(true)
    expect(explained(rule({ idle: 10 })).ready).toBe(false)
    expect(explained(rule({ idle: 10 }), { ...visit, idle: 9 }).ready).toBe(false)
    expect(explained(rule({ idle: 10 }), { ...visit, idle: 10 }).ready).toBe(true)
  })

  it('asks for all conditions, and says which hold', () => {
    expect(explained(rule({ seconds: 5, scroll: 90, url: '/lamps/*', event: 'no' }))).toEqual({
      id: 'r',
      matched: ['seconds', 'url'],
      failed: ['scroll', 'event'],
      left: { rule: 1, today: 2 },
      quietUntil: 0,
      ready: false
    })
  })

  it('counts what was shown: this one at all, all of them in a day', () => {
    const past = { shown: { r: [NOW - 30 * HOUR], other: [NOW - HOUR] }, quietUntil: 0 }
    const left = (one: Rule, limits = {}) => {
      const { left: budget, ready } = explained(one, visit, past, limits)
      return { ...budget, ready }
    }
    expect(left(rule({ seconds: 1 }))).toEqual({ rule: 0, today: 1, ready: false })
    expect(left(rule({ seconds: 1 }, { most: 3 }))).toEqual({ rule: 2, today: 1, ready: true })
    expect(left(rule({ seconds: 1 }, { most: 3 }), { perDay: 1 })).toEqual({ rule: 2, today: 0, ready: false })
  })

  it('is quiet for as long as it was asked to', () => {
    const quiet = (quietUntil: number) => explained(rule({ seconds: 1 }), visit, { shown: {}, quietUntil })
    expect(quiet(NOW + 1)).toMatchObject({ quietUntil: NOW + 1, ready: false })
    expect(quiet(NOW)).toMatchObject({ quietUntil: 0, ready: true })
  })
})

describe('checkRules', () => {
  const good = rule({ seconds: 1 })

  it('takes a list, a set, and either as JSON', () => {
    for (const given of [[good], { rules: [good] }, JSON.stringify([good])])
      expect(checkRules(given)).toEqual({ set: { rules: [good] }, problems: [] })
    expect(checkRules({ rules: [good], perDay: 3, quietHours: 0.5 }).set).toEqual({
      rules: [good],
      perDay: 3,
      quietHours: 0.5
    })
  })

  it.each<[unknown, string]>([
    ['[{', 'rules must be a list of rules, or JSON of one, got "[{"'],
    [null, 'rules must be a list of rules, or { rules, perDay, quietHours }, got null'],
    [7, 'rules must be a list of rules, or { rules, perDay, quietHours }, got 7'],
    [{ rules: [], perDay: '2' }, 'rules.perDay must be a number from 0, got "2"'],
    [{ rules: [], often: 2 }, 'rules.often must be left out, got 2'],
    [[null], 'rules[0] must be a rule, { id, message, when }, got null'],
    [[{ ...good, id: '' }], 'rules[0].id must be a text, got ""'],
    [[{ ...good, message: undefined }], 'rules[0].message must be a text of up to 300 letters, got undefined'],
    [[{ ...good, when: {} }], 'rules[0].when must be conditions, at least one, got {}'],
    [[{ ...good, colour: 'red' }], 'rules[0].colour must be left out, got "red"'],
    [[{ ...good, most: 0 }], 'rules[0].most must be a number from 1, or left out, got 0'],
    [[rule({ scroll: 101 })], 'rules[0].when.scroll must be a number from 0 to 100, got 101'],
    [[rule({ exit: 'yes' } as never)], 'rules[0].when.exit must be true, got "yes"'],
    [[rule({ url: [] })], 'rules[0].when.url must be a pattern, or a list of them, got []'],
    [[rule({ utm: { source: 1 } } as never)], 'rules[0].when.utm must be texts by their names, got {"source":1}'],
    [
      [rule({ weather: 'rain' } as never)],
      'rules[0].when.weather must be one of seconds, scroll, exit, url, visits, referrer, utm, event, idle, got "rain"'
    ],
    [[good, good], 'rules[1].id must be another one than before, got "r"']
  ])('says what is wrong with %j', (given, problem) => {
    expect(checkRules(given).problems).toEqual([`porchlight: ${problem}`])
  })

  it('goes on with the rules that are right', () => {
    const { set, problems } = checkRules([rule({ scroll: -1 }), { ...good, id: 'second' }])
    expect(set.rules.map(({ id }) => id)).toEqual(['second'])
    expect(problems).toHaveLength(1)
  })
})

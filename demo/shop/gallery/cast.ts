/** Who appears in the states, and what they say again and again. */
import type { Card } from '../../../src/model/message.ts'
import type { ScenarioStep } from '../../../src/testing/index.ts'
import type { Channels } from '../../../src/ui/look.ts'
import { type State, THREAD } from './state.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const MARA = 'Mara Lind'
export const JONAS = 'Jonas Weber'
export const IDA = 'Ida Holm'
const TEAM = [MARA, JONAS, IDA]

export const HOME: ScenarioStep = { do: 'availability', open: true, people: TEAM, replyAfter: 2 * MINUTE, wait: MINUTE }
export const AWAY: Extract<ScenarioStep, { readonly do: 'availability' }> = {
  do: 'availability',
  open: false,
  people: TEAM,
  replyAfter: 2 * HOUR
}
/** Outside the hours, which begin tomorrow in the shop's own zone. */
export const CLOSED: ScenarioStep = { ...AWAY, opensAt: 16 * HOUR, zone: 'Asia/Kathmandu' }

export const CHANNELS: Channels = {
  whatsapp: '+44 7700 900123',
  sms: '+44 7700 900123',
  messenger: 'fernhill.lamps',
  email: 'lamps@fernhill.example'
}

export const ASSISTANT: ScenarioStep = {
  do: 'availability',
  open: false,
  people: TEAM,
  replyAfter: 2 * HOUR,
  assistant: true
}

/** Read by the visitor: nothing of what stands above is new. */
export const SEEN: ScenarioStep = { do: 'receipt', mark: 'read', by: 'visitor' }
/** Read by the other side. */
export const READ: ScenarioStep = { do: 'receipt', mark: 'read' }

export const ago = {
  minutes: (count: number) => -count * MINUTE,
  hours: (count: number) => -count * HOUR,
  days: (count: number) => -count * DAY
}

interface More {
  readonly at?: number
  readonly thread?: string
}

export const ask = (text: string, more: More = {}): ScenarioStep => ({ do: 'say', author: 'visitor', text, ...more })

export const answer = (text: string, more: More & { readonly by?: string } = {}): ScenarioStep => ({
  do: 'say',
  by: MARA,
  text,
  ...more
})

/** A short conversation of a quarter of an hour ago. */
export const TALK: readonly ScenarioStep[] = [
  ask('Hello! Is the Wren bright enough for a front step?', { at: ago.minutes(16) }),
  answer('It is: 400 lumens, warm, and aimed at your feet rather than your eyes.', { at: ago.minutes(15) }),
  ask('Lovely. And does it mind rain?', { at: ago.minutes(13) }),
  answer('Not at all. IP54, and we have had one outside our own door since 2011.', { at: ago.minutes(12) }),
  READ,
  SEEN
]

/** A note of last night, for which an answer was promised: so many milliseconds from now. */
export const promised = (due: number): readonly ScenarioStep[] => [
  ask('Hello! My Lull came without a plug. Can you send one?', { at: ago.hours(14) }),
  { do: 'notice', code: 'promised', due, at: ago.hours(14) }
]

/** So many messages of both sides, one a minute, all of them read. */
export const longTalk = (count: number): readonly ScenarioStep[] => [
  ...Array.from({ length: count }, (_, i): ScenarioStep => {
    const at = ago.minutes(count - i + 10)
    const words = LINES[i % LINES.length]!
    return i % 3 === 1 ? ask(words, { at }) : answer(words, { at })
  }),
  READ,
  SEEN
]

const LINES = [
  'The Harbour is a storm lantern, so it may hang in the wind.',
  'And in salt air?',
  'We have them on two boats. Rinse it with fresh water now and then.',
  'It takes a wick of 12 mm; there are three in the box.',
  'How long does one last?',
  'About a winter of evenings.'
]

/** A picture of a lamp, from the shop: cards take whole addresses. */
const picture = (lamp: string, alt: string) => {
  const here = import.meta.url
  return { url: new URL(`/lamps/${lamp}.svg`, here).href, alt }
}

export const WREN: Card = {
  title: 'Wren',
  text: 'A small wall lamp for the front step. 400 lumens, IP54. £64',
  picture: picture('wren', 'A small round wall lamp'),
  buttons: [
    { label: 'Tell me more', reply: 'Tell me more about the Wren' },
    { label: 'In the shop', url: 'https://fernhill.example/lamps/wren' }
  ]
}

export const CARDS: readonly Card[] = [
  WREN,
  {
    title: 'Harbour',
    text: 'A storm lantern for the step, the shed or the boat. £118',
    picture: picture('harbour', 'A red storm lantern'),
    buttons: [{ label: 'Tell me more', reply: 'Tell me more about the Harbour' }]
  },
  {
    title: 'Vesper, with a shade of hand-folded paper',
    text: 'For the table. £92',
    picture: picture('vesper', 'A table lamp with a paper shade'),
    buttons: [{ label: 'Tell me more', reply: 'Tell me more about the Vesper' }]
  }
]

/** A state that only shows what was said. */
export const said = (
  name: string,
  title: string,
  script: readonly ScenarioStep[],
  sees: string,
  more: Partial<State> = {}
): State => ({
  name,
  title,
  open: THREAD,
  script: [AWAY, ...script],
  sees,
  ...more
})

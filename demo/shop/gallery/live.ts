import type { ScenarioStep } from '../../../src/testing/index.ts'
import { ago, answer, ask, CHANNELS, HOME, MARA, SEEN, TALK } from './cast.ts'
import { CUE, type Group, type State, THREAD } from './state.ts'

const QUESTION = ask('Is anybody there?', { at: ago.minutes(1) })
const notice = (code: string, minutes: number): ScenarioStep => ({
  do: 'notice',
  code,
  name: MARA,
  at: ago.minutes(minutes)
})
const ACTIVE: ScenarioStep = { do: 'session', state: 'active', agent: MARA }

const queue = (name: string, title: string, ahead: number | null, wait: number | null): State => ({
  name,
  title,
  open: THREAD,
  script: [HOME, notice('queued', 2), QUESTION, { do: 'session', state: 'queued', ahead, wait }],
  sees: '.card.queue strong'
})

const queueWithChannels: State = {
  ...queue('queue-channels', 'With other channels', 4, 6 * 60_000),
  look: { channels: CHANNELS },
  sees: '.queue .way'
}

const chat = (
  name: string,
  title: string,
  script: readonly ScenarioStep[],
  sees: string,
  act?: State['act']
): State => ({
  name,
  title,
  open: THREAD,
  script: [HOME, notice('queued', 17), notice('joined', 16), ...TALK, ...script],
  sees,
  ...(act ? { act } : {})
})

/** Somebody joined, and it is over. */
const over = (reason: 'visitor' | 'agent'): readonly ScenarioStep[] => [
  notice(`ended-by-${reason}`, 1),
  { do: 'session', state: 'ended', agent: MARA, reason },
  SEEN
]

/** It goes on as messages. */
const asMessages = (
  name: string,
  title: string,
  reason: 'unanswered' | 'visitor-away' | 'agent-away' | 'as-message'
): State => ({
  name,
  title,
  open: THREAD,
  script: [HOME, notice('queued', 4), QUESTION, notice(reason, 1), { do: 'session', state: 'ended', reason }, SEEN],
  sees: '.notice:last-child'
})

const FACE = '.faces label:nth-child(5) input'

const sessions: Group = {
  title: 'Live chat',
  states: [
    {
      name: 'asked',
      title: 'Just asked for',
      open: 'new',
      script: [HOME],
      act: ({ press }) => press('.nudge .text'),
      sees: '.card.queue strong'
    },
    queue('queue-first', 'Next in the queue', 0, 60_000),
    queue('queue-third', 'Third in the queue', 2, 240_000),
    queueWithChannels,
    queue('queue-unknown', 'In the queue, nobody knows for how long', null, null),
    chat('active', 'With an agent', [ACTIVE], '.head.live .small'),
    chat('typing', 'The agent types', [ACTIVE, CUE, { do: 'typing', by: MARA }], '.typing', ({ cue }) => cue()),
    chat('typing-nameless', 'Somebody types', [ACTIVE, CUE, { do: 'typing', by: null }], '.typing', ({ cue }) => cue()),
    chat(
      'idle',
      'Nobody writes, and both are asked',
      [
        {
          do: 'session',
          state: 'active',
          agent: MARA,
          idle: { since: ago.minutes(5), endsAt: ago.minutes(-1) }
        }
      ],
      '.dock .card .ends'
    ),
    chat('ending', 'Whether to end it is asked', [ACTIVE], '.card .ends', ({ press }) => press('.head .small')),
    chat('ended-by-visitor', 'Ended by the visitor', over('visitor'), '.card.rating'),
    chat('ended-by-agent', 'Ended by the agent', over('agent'), '.card.rating'),
    chat('rating-chosen', 'A rating is chosen, and a note possible', over('agent'), '.card.rating .ends', ({ press }) =>
      press(FACE)
    ),
    chat(
      'rated',
      'Rated',
      [...over('agent'), { do: 'await', what: 'rate' }, { do: 'session', state: 'rated', score: 5 }],
      '.dock .notice',
      async ({ press }) => {
        await press(FACE)
        await press('.card.rating .ends .main')
      }
    ),
    chat('rating-skipped', 'Not rated', over('agent'), '.nudge', ({ press }) => press('.card.rating .skip')),
    asMessages('unanswered', 'Nobody came in time', 'unanswered'),
    asMessages('as-message', 'The visitor left the queue', 'as-message'),
    asMessages('visitor-away', 'The visitor left the page', 'visitor-away'),
    asMessages('agent-away', 'The agent had to go', 'agent-away'),
    {
      name: 'somebody-here',
      title: 'Somebody is here while a message is written',
      open: THREAD,
      script: [
        HOME,
        ask('Do you post to Norway?', { at: ago.hours(20) }),
        answer('We do.', { at: ago.hours(2) }),
        SEEN
      ],
      sees: '.nudge'
    },
    {
      name: 'live-only-over',
      title: 'Live chat only, and it is over',
      open: THREAD,
      look: { mode: 'live' },
      script: [
        HOME,
        notice('joined', 16),
        ...TALK,
        notice('ended-by-agent', 1),
        { do: 'session', state: 'rated', agent: MARA, score: 5 },
        SEEN
      ],
      sees: '.dock > .main'
    },
    chat(
      'active-fresh',
      'What arrives while one looks',
      [ACTIVE, CUE, answer('There it is: I found the green one.')],
      '.bubble.in.fresh',
      ({ cue }) => cue()
    )
  ]
}

export const live: readonly Group[] = [sessions]

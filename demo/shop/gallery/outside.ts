import { AWAY, ago, answer, ask, CHANNELS, CLOSED, HOME, IDA, JONAS, MARA, SEEN, TALK } from './cast.ts'
import { CUE, type Group, type State, THREAD } from './state.ts'

const unread = (count: number): State => ({
  name: `launcher-unread-${count}`,
  title: `${count} unread`,
  open: 'launcher',
  script: [
    HOME,
    ...TALK,
    ...Array.from({ length: count }, () => answer('And one more thing.', { at: ago.minutes(5) }))
  ],
  sees: '.badge:not([hidden])'
})

const launcher: Group = {
  title: 'Launcher',
  states: [
    { name: 'launcher-lit', title: 'Somebody is home', open: 'launcher', script: [HOME], sees: '.corner.lit' },
    { name: 'launcher-away', title: 'Nobody is home', open: 'launcher', script: [AWAY], sees: '.corner:not(.lit)' },
    {
      name: 'launcher-offline',
      title: 'Somebody was home, and the connection is gone',
      open: 'launcher',
      script: [HOME, CUE, { do: 'link', is: 'offline' }],
      act: async ({ find, cue }) => {
        await find('.corner.lit')
        cue()
      },
      sees: '.corner:not(.lit)'
    },
    { name: 'launcher-unknown', title: 'Not known yet', open: 'launcher', script: [], sees: '.launcher' },
    unread(1),
    unread(9),
    unread(120),
    {
      name: 'launcher-failed',
      title: 'It could not be opened',
      open: 'launcher',
      script: [],
      broken: true,
      act: ({ press }) => press('.launcher'),
      sees: '.corner.failed'
    },
    {
      name: 'offer',
      title: 'A few words beside it',
      open: 'launcher',
      script: [HOME],
      rules: [
        {
          id: 'rain',
          from: 'Ida',
          message: 'Looking for a lamp that may stand in the rain? I can tell you which ones may.',
          when: { seconds: 0 }
        }
      ],
      sees: '.bubble-offer'
    },
    {
      name: 'offer-start',
      title: 'A few words of nobody in particular, at the start of a line',
      open: 'launcher',
      script: [AWAY],
      look: { position: 'start' },
      rules: [{ id: 'help', message: 'Can we help?', when: { seconds: 0 } }],
      sees: '.bubble-offer'
    },
    {
      name: 'launcher-start',
      title: 'At the start of a line',
      open: 'launcher',
      script: [HOME],
      look: { position: 'start' },
      sees: '.frame[data-position="start"] .corner.lit'
    }
  ]
}

const EARLIER = [
  ask('Where can I have a lamp repaired?', { thread: 'repair', at: ago.days(40) }),
  answer('Bring it to the shop, or post it. We mend what we sold, for ever.', {
    thread: 'repair',
    at: ago.days(39),
    by: IDA
  }),
  { ...SEEN, thread: 'repair' },
  answer('Your order is on its way.', { thread: 'order', at: ago.days(3), by: JONAS }),
  ask('Thank you!', { thread: 'order', at: ago.days(1) }),
  ...TALK
]

const home: Group = {
  title: 'First screen',
  states: [
    { name: 'home-open', title: 'Open, with people', open: 'home', script: [HOME], sees: '.porch.lit' },
    { name: 'home-away', title: 'Away', open: 'home', script: [AWAY], sees: '.home .names' },
    {
      name: 'home-closed',
      title: 'Outside the hours of a shop elsewhere',
      open: 'home',
      script: [CLOSED],
      sees: '.home .people .quiet'
    },
    {
      name: 'home-channels',
      title: 'Outside the hours, with other channels',
      open: 'home',
      script: [CLOSED],
      look: { channels: CHANNELS },
      sees: '.ways li:nth-child(4)'
    },
    {
      name: 'home-assistant',
      title: 'Away, and an assistant answers',
      open: 'home',
      script: [{ do: 'availability', open: false, assistant: true }],
      sees: '.home .offer .main'
    },
    { name: 'home-unknown', title: 'Not known yet', open: 'home', script: [], sees: '.home .offer .main' },
    {
      name: 'home-earlier',
      title: 'Several earlier conversations',
      open: 'home',
      script: [HOME, ...EARLIER],
      sees: '.earlier li:nth-child(3)'
    },
    {
      name: 'home-unread',
      title: 'Unread messages in two of them',
      open: 'home',
      script: [
        AWAY,
        ...EARLIER,
        answer('It arrives on Tuesday.', { thread: 'order', at: ago.minutes(9), by: JONAS }),
        answer('One more thing: the Wren comes in green now.', { at: ago.minutes(4) }),
        answer('Shall I send you a picture? It is a green that we have not had before, between moss and bottle.', {
          at: ago.minutes(3)
        })
      ],
      sees: '.line.new .count'
    },
    {
      name: 'home-messages',
      title: 'Messages only',
      open: 'home',
      script: [HOME],
      look: { mode: 'messages' },
      sees: '.porch.lit'
    },
    {
      name: 'home-live',
      title: 'Live chat only',
      open: 'home',
      script: [HOME],
      look: { mode: 'live' },
      sees: '.porch.lit'
    },
    {
      name: 'home-live-away',
      title: 'Live chat only, and nobody is home',
      open: 'home',
      script: [AWAY],
      look: { mode: 'live' },
      sees: '.home .names'
    },
    {
      name: 'home-chip',
      title: 'A live chat is going on',
      open: 'home',
      script: [HOME, ...TALK, { do: 'session', state: 'active', agent: MARA }],
      // A live chat is what opening shows.
      act: ({ press }) => press('.head .round'),
      sees: '.earlier .chip'
    },
    {
      name: 'home-draft',
      title: 'Begun and never sent',
      open: 'home',
      script: [AWAY],
      act: ({ chat }) => chat.draft('new', 'Do you post to'),
      sees: '.home .offer .main'
    },
    {
      name: 'home-marks',
      title: 'A draft, and a message that failed',
      open: 'home',
      script: [AWAY, ...EARLIER, CUE, { do: 'refuse', reason: 'too-long' }],
      async act({ chat, cue }) {
        chat.draft('order', 'I forgot to ask whether')
        cue()
        await chat.load(THREAD)
        await chat.send(THREAD, { text: 'Which of the two is brighter?' })
      },
      sees: '.earlier li:nth-child(2) .preview b'
    },
    {
      name: 'home-long-title',
      title: 'A long name of the shop',
      open: 'home',
      script: [HOME],
      look: { title: 'Fernhill Lamps, Lanterns and Repairs since 1911' },
      sees: '.porch.lit'
    },
    {
      name: 'home-accent',
      title: 'With an accent of its own',
      open: 'home',
      script: [HOME, ...EARLIER],
      look: { accent: '#7a2e1f' },
      sees: '.earlier li:nth-child(3)'
    },
    {
      name: 'home-found',
      title: 'Searched, and found',
      open: 'home',
      script: [HOME, ...EARLIER],
      act: ({ write }) => write('.query', 'rain'),
      sees: '.hit mark'
    },
    {
      name: 'home-found-none',
      title: 'Searched, and not found',
      open: 'home',
      script: [HOME, ...EARLIER],
      act: ({ write }) => write('.query', 'marmalade'),
      sees: '.earlier > .notice'
    },
    {
      name: 'home-offline',
      title: 'No connection',
      open: 'home',
      script: [HOME, ...EARLIER, CUE, { do: 'link', is: 'offline' }],
      act: ({ cue }) => cue(),
      sees: '.banner.warning'
    }
  ]
}

const place = { look: { target: '.place' } } as const

const inPage: Group = {
  title: 'In the page',
  states: [
    {
      ...place,
      name: 'in-page-home',
      title: 'First screen',
      open: 'home',
      script: [HOME, ...EARLIER],
      sees: '.earlier li:nth-child(3)'
    },
    {
      ...place,
      name: 'in-page-away',
      title: 'Nobody is home',
      open: 'home',
      script: [CLOSED],
      look: { ...place.look, channels: CHANNELS },
      sees: '.ways li:nth-child(4)'
    },
    {
      ...place,
      name: 'in-page-live',
      title: 'A live chat',
      open: THREAD,
      script: [HOME, ...TALK, { do: 'session', state: 'active', agent: MARA }, ...TALK],
      sees: '.head.live'
    },
    {
      ...place,
      name: 'in-page-offline',
      title: 'No connection',
      open: THREAD,
      script: [HOME, ...TALK, CUE, { do: 'link', is: 'offline' }],
      act: ({ cue }) => cue(),
      sees: '.banner.warning'
    }
  ]
}

export const outside: readonly Group[] = [launcher, home, inPage]

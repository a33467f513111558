import { MAX_WAITING } from '../../../src/model/command.ts'
import type { Form } from '../../../src/model/form.ts'
import type { ScenarioStep } from '../../../src/testing/index.ts'
import {
  ASSISTANT,
  AWAY,
  ago,
  answer,
  ask,
  CARDS,
  CHANNELS,
  CLOSED,
  HOME,
  IDA,
  JONAS,
  longTalk,
  promised,
  READ,
  SEEN,
  said,
  TALK,
  WREN
} from './cast.ts'
import { CUE, type Group, type Stage, THREAD } from './state.ts'

const bot = (text: string, content?: object): ScenarioStep => ({
  do: 'say',
  author: 'bot',
  text,
  at: ago.minutes(1),
  ...(content ? { content: content as { readonly type: string } } : {})
})

const ORDER = {
  do: 'say',
  author: 'bot',
  text: 'I cannot see orders myself. Leave your order number here, and somebody looks it up.',
  content: {
    type: 'form',
    form: {
      fields: [
        { name: 'order', label: 'Order number', kind: 'text', required: true, hint: 'On the bill: F and five digits.' },
        { name: 'email', label: 'E-mail', kind: 'email', required: true },
        { name: 'matter', label: 'What is it about?', kind: 'select', options: ['Where it is', 'Something broke'] }
      ],
      submit: 'Have it looked up'
    }
  }
} as const

const FIRST: Form = {
  fields: [
    { name: 'name', label: 'Your name', kind: 'text', required: true },
    { name: 'email', label: 'E-mail', kind: 'email', required: true, hint: 'So that the answer finds you anywhere.' },
    { name: 'matter', label: 'What is it about?', kind: 'select', options: ['A lamp', 'An order', 'A repair'] },
    {
      name: 'terms',
      label: 'You may keep what I write here.',
      kind: 'consent',
      required: true,
      link: { label: 'How we keep it', url: 'https://fernhill.example/privacy' }
    }
  ]
}

const LONG_WORD = `https://fernhill.example/lamps/wren?${'colour=green&'.repeat(9)}size=2`

const messages: Group = {
  title: 'Conversation',
  states: [
    { name: 'empty', title: 'Nothing said yet', open: 'new', script: [AWAY], sees: '.notice.empty' },
    {
      name: 'first-message',
      title: 'The first message',
      open: 'new',
      script: [AWAY],
      act: async ({ chat }) => void (await chat.send('new', { text: 'Do you post to Norway?' })),
      sees: '.meta.sent'
    },
    said('talk', 'Both sides', TALK, '.bubble.out'),
    said(
      'groups',
      'Several in a row, and two agents',
      [
        ask('Hello', { at: ago.minutes(9) }),
        ask('I bought a Lull last year', { at: ago.minutes(9) }),
        ask('and now the switch is loose', { at: ago.minutes(8) }),
        answer('I am sorry to hear that.', { at: ago.minutes(7) }),
        answer('Do you have the receipt?', { at: ago.minutes(7) }),
        answer('Without it is fine, too.', { at: ago.minutes(6) }),
        answer('It is the screw below the base: a quarter turn.', { at: ago.minutes(2), by: JONAS }),
        READ,
        SEEN
      ],
      '.row:nth-of-type(5)'
    ),
    said(
      'days',
      'Days between',
      [
        ask('Do you open on Sundays?', { at: ago.days(12) }),
        answer('From ten to four.', { at: ago.days(3) }),
        ask('And this Sunday?', { at: ago.days(1) }),
        answer('This one as well.', { at: ago.minutes(20) }),
        READ,
        SEEN
      ],
      '.day'
    ),
    said(
      'unread-line',
      'What is new since the last visit',
      [
        ...TALK,
        answer('One more thing: the Wren comes in green now.', { at: ago.minutes(4) }),
        answer('Shall I send you a picture?', { at: ago.minutes(3) })
      ],
      '.day.unread'
    ),
    said(
      'long-words',
      'Words without a break',
      [
        ask(`Does ${LONG_WORD} still exist?`, { at: ago.minutes(4) }),
        answer('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(2), {
          at: ago.minutes(3)
        }),
        SEEN
      ],
      '.bubble.in'
    ),
    said(
      'long-text',
      'A letter',
      [
        ask(
          'Good evening.\n\nWe have an old house with a porch that faces north, and in winter the postman cannot find the bell. My husband wants one lamp over the door, I want two beside it.\n\nThe wall is lime plaster and must not be drilled deep. There is a cable, but nobody knows where it ends.\n\nWhat would you do?',
          { at: ago.minutes(40) }
        ),
        answer(
          'Two beside it. One over the door throws the shadow of whoever stands there onto the lock.\n\nThe Wren hangs from two screws of 25 mm, which lime plaster takes. As for the cable: send us a picture of where it enters.',
          { at: ago.minutes(12) }
        ),
        SEEN
      ],
      '.bubble.in'
    ),
    said(
      'emoji',
      'Emoji, alone and between words',
      [
        ask('Thank you 🙏🏽 that was quick', { at: ago.minutes(4) }),
        answer('💡', { at: ago.minutes(3) }),
        answer('👩‍👩‍👧‍👦🏳️‍🌈 see you on Saturday ☀️', { at: ago.minutes(3) }),
        SEEN
      ],
      '.bubble.in'
    ),
    said(
      'rtl-in-ltr',
      'Right-to-left text in a left-to-right page',
      [
        ask('مرحبًا، هل يضيء مصباح Wren بما يكفي؟', { at: ago.minutes(4) }),
        answer('نعم: 400 لومن، وهو مقاوم للمطر (IP54).', { at: ago.minutes(3), by: 'ليلى حداد' }),
        answer('In English: yes. بالعربية: نعم.', { at: ago.minutes(3), by: 'ليلى حداد' }),
        SEEN
      ],
      '.bubble.in',
      { look: { locale: 'en' } }
    ),
    said(
      'ltr-in-rtl',
      'Left-to-right text in a right-to-left page',
      [...TALK, answer('نعم، باللون الأخضر أيضًا: Wren Green, £64.', { at: ago.minutes(3) }), SEEN],
      '.bubble.in',
      { look: { locale: 'ar', title: 'Fernhill Lamps' } }
    ),
    said(
      'links',
      'Addresses',
      [
        ask('Is www.fernhill.example/lamps/wren yours?', { at: ago.minutes(5) }),
        answer('It is. More on https://fernhill.example/care (also as a letter to care@fernhill.example).', {
          at: ago.minutes(3)
        }),
        SEEN
      ],
      '.bubble.in a'
    ),
    said(
      'markdown',
      'Marks, lists and a quote',
      [
        ask('How do I clean it?', { at: ago.minutes(2) }),
        bot(
          '# Cleaning a Wren\n\n**Switch it off** and let it *cool down*. Then:\n\n1. Loosen the two screws\n2. Lift the glass\n3. Wash it in warm water, ~~with soap~~ without soap\n\n- no wire wool\n- no spirit\n\n> A clean glass is worth ten watts.\n\nAll of it is in the [care guide](https://fernhill.example/care).'
        ),
        SEEN
      ],
      '.prose ol'
    ),
    said(
      'markdown-code',
      'Code',
      [
        ask('And how do I embed your chat?', { at: ago.minutes(2) }),
        bot(
          'One tag, before `</body>`:\n\n```html\n<script async src="https://chat.example/porchlight/loader.js" data-app="shop"></script>\n```\n\nThen call `Porchlight(\'open\')`.'
        ),
        SEEN
      ],
      '.prose pre'
    ),
    said(
      'quick-replies',
      'Answers to choose from',
      [
        ask('I need a lamp', { at: ago.minutes(2) }),
        bot('Where is it going to be?', { type: 'replies', replies: ['On the wall', 'On a table', 'Outside'] }),
        SEEN
      ],
      '.replies .reply'
    ),
    said(
      'quick-replies-many',
      'Ten answers, some of them long',
      [
        bot('What is it about?', {
          type: 'replies',
          replies: [
            'An order',
            'A repair',
            'Wicks',
            'Opening times',
            'Something that arrived broken, or not at all',
            'A gift',
            'Prices',
            'Norway',
            'A job',
            'I would rather talk to a person from your team, please'
          ]
        }),
        SEEN
      ],
      '.replies .reply:nth-child(10)'
    ),
    said(
      'card',
      'One card',
      [ask('Show me the Wren', { at: ago.minutes(2) }), bot('Here it is.', { type: 'cards', cards: [WREN] }), SEEN],
      '.cards li'
    ),
    said(
      'card-plain',
      'A card without a picture',
      [
        bot('Your order', {
          type: 'cards',
          cards: [
            {
              title: 'Order 1911',
              text: 'Posted on Monday, arrives on Wednesday.',
              buttons: [{ label: 'Follow it', url: 'https://post.example/1911' }]
            }
          ]
        }),
        SEEN
      ],
      '.cards li'
    ),
    said(
      'carousel',
      'Several cards',
      [
        ask('What do you have for outside?', { at: ago.minutes(2) }),
        bot('These three, for a start.', { type: 'cards', cards: CARDS }),
        SEEN
      ],
      '.cards li:nth-child(3)'
    ),
    said(
      'unknown-content',
      'Content that this version does not know',
      [
        bot('Your lamp as a model to turn around: https://fernhill.example/3d/wren', { type: 'hologram', depth: 3 }),
        SEEN
      ],
      '.bubble.in a'
    ),
    said(
      'handed-over',
      'From the assistant to the team',
      [
        ASSISTANT,
        ask('Can I talk to a person?', { at: ago.minutes(9) }),
        { ...bot('Of course. I hand this over to the team.'), at: ago.minutes(9) } as ScenarioStep,
        { do: 'notice', code: 'handed-over', at: ago.minutes(9) },
        answer('Ida here. What can I do for you?', { at: ago.minutes(2), by: IDA }),
        SEEN
      ],
      '.notice'
    ),
    said('promised', 'By when an answer comes', [CLOSED, ...promised(20 * 3_600_000)], '.rows .notice'),
    said(
      'promise-missed',
      'A promised answer has not come',
      [HOME, ...promised(ago.minutes(20)), ask('It is the one with the linen shade.', { at: ago.hours(13) })],
      '.missed .way',
      { look: { channels: CHANNELS } }
    ),
    said(
      'long-name',
      'A long name',
      [answer('Good morning!', { at: ago.minutes(2), by: 'Maximiliane Friederike von Hohenstein-Wallersdorf' }), SEEN],
      '.bubble.in'
    ),
    said(
      'streaming',
      'An answer that grows',
      [
        ask('How do I clean it?', { at: ago.minutes(1) }),
        SEEN,
        CUE,
        {
          do: 'stream',
          text: '**Switch it off** and let it cool down. Then:\n\n1. Loosen the two screws\n2. Lift the',
          every: 0,
          final: false
        }
      ],
      '.growing button',
      { act: ({ cue }) => cue() }
    ),
    said(
      'form',
      'A form in a conversation',
      [ask('Where is my order?', { at: ago.minutes(1) }), { ...ORDER, at: ago.minutes(1) }, SEEN],
      '.row .form'
    ),
    said(
      'form-wrong',
      'A form that is not filled in yet',
      [ask('Where is my order?', { at: ago.minutes(1) }), { ...ORDER, at: ago.minutes(1) }, SEEN],
      '.flaw',
      {
        act: async ({ press, write }) => {
          await write('.form input', '')
          await press('.form .main')
        }
      }
    ),
    said(
      'form-answered',
      'A form that was answered',
      [ask('Where is my order?', { at: ago.minutes(2) }), { ...ORDER, at: ago.minutes(2) }, SEEN],
      '.row:last-child .meta.sent',
      {
        act: async ({ chat, find }) => {
          await find('.form')
          const asked = chat.$messages.get()[THREAD]!.entries.at(-1)!.message
          const values = { order: 'F10442', email: 'ada@example.com' }
          const text = 'Order number: F10442\nE-mail: ada@example.com'
          await chat.send(THREAD, { text, answers: { to: asked.id, values } })
        }
      }
    ),
    {
      name: 'form-first',
      title: 'What is asked before a conversation',
      open: 'new',
      script: [{ ...AWAY, open: true, form: FIRST }],
      sees: '.before .form'
    },
    {
      name: 'form-first-wrong',
      title: 'What is asked before a conversation, not filled in yet',
      open: 'new',
      script: [{ ...AWAY, form: FIRST }],
      act: ({ press }) => press('.form .main'),
      sees: '.flaw'
    },
    said(
      'stopped',
      'An answer that was stopped',
      [
        ask('How do I clean it?', { at: ago.minutes(1) }),
        { do: 'say', author: 'bot', text: 'Switch it off and let it cool', content: { type: 'stopped' } },
        SEEN
      ],
      '.stopped'
    )
  ]
}

const older: Group = {
  title: 'Older and newer',
  states: [
    said(
      'older-loading',
      'Earlier messages are being loaded',
      [...longTalk(80), CUE, { do: 'history', is: 'late' }],
      '.rows > .notice:first-child',
      {
        act: toTop
      }
    ),
    said(
      'older-failed',
      'Earlier messages could not be loaded',
      [...longTalk(80), CUE, { do: 'history', is: 'failing' }],
      '.rows > .notice:first-child .text',
      {
        act: toTop
      }
    ),
    said('gap', 'Messages are missing', [...TALK, { do: 'gap', before: 3 }], '.rows > .notice'),
    said('jump', 'Far from the newest', longTalk(30), '.jump', { act: toTop }),
    said(
      'jump-new',
      'Far from the newest, and there is something new',
      [...longTalk(30), CUE, answer('Are you still there?'), answer('I found the green one.')],
      '.jump.new',
      {
        async act(stage) {
          await scrollUp(stage)
          stage.cue()
        }
      }
    )
  ]
}

/** Lets the script go on, and scrolls up. */
async function toTop(stage: Stage): Promise<void> {
  await stage.find('.row')
  stage.cue()
  await scrollUp(stage)
}

/** Scrolls up until that is noticed: before it is told of a scroll, the list keeps to the bottom with each change. */
async function scrollUp({ find }: Stage): Promise<void> {
  await find('.row')
  const list = await find('.list')
  const up = () => {
    list.scrollTop = 0
  }
  up()
  const again = setInterval(up, 100)
  await find('.jump')
  clearInterval(again)
}

const deliveries: Group = {
  title: 'Deliveries',
  states: [
    said('queued', 'Not sent yet', [...TALK, CUE, { do: 'link', is: 'silent' }], '.meta.queued', { act: sendOne }),
    said('sent', 'Sent', [...TALK], '.meta.sent', { act: sendOne }),
    said(
      'delivered',
      'Delivered',
      [...TALK, { do: 'await', what: 'message' }, { do: 'receipt', mark: 'delivered' }],
      '.meta.delivered',
      { act: sendOne }
    ),
    said(
      'read',
      'Read',
      [...TALK, { do: 'await', what: 'message' }, { do: 'receipt', mark: 'read' }],
      '.row:last-child .meta.read',
      { act: sendOne }
    ),
    said('undo', 'Not sent yet, so that it can be taken back', TALK, '.meta.queued .text', {
      look: { undo: 20_000 },
      act: async ({ write, press }) => {
        await write('.input', 'Then I take two of them.')
        await press('.send')
      }
    }),
    said('failed', 'Not sent', [...TALK, { do: 'refuse', reason: '' }], '.why', { act: sendOne }),
    said('failed-too-long', 'Not sent: too long', [...TALK, { do: 'refuse', reason: 'too-long' }], '.why', {
      act: sendOne
    }),
    said('failed-slow-down', 'Not sent: too many at once', [...TALK, { do: 'refuse', reason: 'slow-down' }], '.why', {
      act: sendOne
    }),
    said('failed-between', 'Not sent, between others', [...TALK, { do: 'refuse', reason: 'too-long' }], '.why', {
      async act({ chat, find }) {
        await chat.send(THREAD, { text: 'This one does not get through.' })
        await find('.meta.failed')
        await chat.send(THREAD, { text: 'This one does.' })
      }
    })
  ]
}

async function sendOne({ chat, cue }: Stage): Promise<void> {
  cue()
  await chat.send(THREAD, { text: 'Then I take two of them.' })
}

const composer: Group = {
  title: 'Composer',
  states: [
    said('draft', 'Half written', TALK, '.input', { act: ({ chat }) => chat.draft(THREAD, 'Then I take') }),
    said('draft-long', 'Half written, on several lines', TALK, '.input', {
      act: ({ chat }) =>
        chat.draft(THREAD, Array.from({ length: 12 }, (_, i) => `${i + 1}. a line of a long letter`).join('\n'))
    }),
    said('near-limit', 'Near the limit', TALK, '.room', {
      act: ({ chat }) => chat.draft(THREAD, 'A lamp. '.repeat(990))
    }),
    said('card-number', 'A card number, about to be sent', TALK, '.sensitive', {
      async act({ find, write }) {
        // What looks at numbers also tells how much room is left: it is there once it does.
        await write('.input', 'A lamp. '.repeat(990))
        await find('.room')
        await write('.input', 'Please take it from 4111 1111 1111 1111, until 12/28.')
        const input = await find('.input')
        input.focus()
        input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      }
    }),
    said('over-limit', 'Over the limit', TALK, '[aria-invalid="true"] ~ .room', {
      act: ({ chat }) => chat.draft(THREAD, 'A lamp. '.repeat(1010))
    }),
    said('full', 'Two hundred wait already', [...TALK, CUE, { do: 'link', is: 'silent' }], '.room', {
      async act({ chat, cue }) {
        cue()
        for (let i = 1; i <= MAX_WAITING; i++) await chat.send(THREAD, { text: `Lamp ${i}` })
        chat.draft(THREAD, 'And one more')
      }
    })
  ]
}

export const conversation: readonly Group[] = [messages, older, deliveries, composer]

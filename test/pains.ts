/** What visitors and site owners suffer from with chat widgets, and the tests by which it does not happen here. */
export interface Pain {
  readonly suffers: string
  /** Tests, as `file: name`; a name of a test for each of several cases stands without what is put into it. */
  readonly tests: readonly string[]
  /** What of it no test shows, and why. */
  readonly open?: string
}

export const pains: readonly Pain[] = [
  {
    suffers: 'The widget stores something before the visitor touches it.',
    tests: [
      'browser/page.test.ts: stores nothing and opens no socket for somebody who never clicks',
      'browser/consent.test.ts: none: keeps nothing, asks for nothing before the visitor acts, and chats from memory',
      'browser/consent.test.ts: goes up without losing the chat, and down to nothing with the chat still on screen',
      'browser/consent.test.ts: deletes what an earlier visit has left when the visitor says no'
    ],
    open: 'A minute of waiting shows no more than a second and a half. The step that asks for consent is the site’s own.'
  },
  {
    suffers: 'Long conversations get slower with every message.',
    tests: ['ui/panel/Conversation.test.tsx: renders at most 150 rows of any number'],
    open: '`npm run long-thread` measures opening, appending and typing in a browser; a test that fails on a busy machine would say nothing. Half an hour of five messages a second is run by nobody, nor is the memory held to a figure.'
  },
  {
    suffers: 'Files are dropped without a word, or one that fails takes the others and the text along.',
    tests: [
      'browser/files.test.ts: of three of which one is too large, two are sent, and the agent has them',
      'browser/files.test.ts: one that waits for the network survives a killed page, and is sent once and in its place',
      'browser/files.test.ts: one that is refused says why and keeps nothing back',
      'browser/files.test.ts: a photo goes without the place it was taken at, and turned as it was',
      'core/files.test.ts: that are refused make their message a failed one with the reason, and let go what comes after',
      'core/files.test.ts: has a name in any case, and its end where it is too long',
      'core/files.test.ts: go on where they were on the next connection: what was uploaded is not uploaded again',
      'browser/files.test.ts: one that goes out can be taken back, and what was written after it goes',
      'security/files.test.ts: is answered before it has arrived',
      'demo/server/files.test.ts: do not stay where the server dies before it took down what they are'
    ],
    open: 'A camera and pictures in HEIC need a phone. That addresses made for pictures are revoked is seen in the code only.'
  },
  {
    suffers: 'What one reads jumps when older messages are loaded or pictures arrive.',
    tests: [
      'browser/files.test.ts: nothing jumps when a picture of the other side arrives: its room is there before it is',
      'browser/journeys.test.ts: who scrolls up is left there while an answer grows, until they are at its end again'
    ],
    open: 'Only Chromium is held to the pixel; inertial scrolling of phones cannot be made here. That older messages put in above move nothing is looked at in pictures and by `npm run long-thread`.'
  },
  {
    suffers: 'It says that somebody is there when nobody is, or scares people away when somebody is.',
    tests: [
      'browser/hours.test.ts: a house that is closed says when it opens, takes a message, and opens by itself',
      'browser/journeys.test.ts: a chat that nobody answers goes on as messages',
      'browser/page.test.ts: hides while nobody is home, if the owner chose that, and says which option is wrong',
      'browser/offline.test.ts: a note goes through a form, and the team finds words and address',
      'browser/offline.test.ts: other ways stand in place of a message, until somebody is home',
      'ui/panel/offline.test.tsx: stays without a connection, and its words go on where one writes when somebody is home',
      'ui/panel/Home.test.tsx: does not repeat an old promise without a connection',
      'ui/modes.test.ts: the mode is that of the moment',
      'demo/server/hours.test.ts: in the hour that comes twice',
      'demo/server/live.test.ts: does not flicker when the only inbox reloads'
    ],
    open: 'That the mode has changed is not said aloud while somebody writes: the line below the name changes, and what the backend says of a live chat is heard.'
  },
  {
    suffers: 'Letters are swallowed while one writes Chinese, Japanese or Korean.',
    tests: [
      'ui/panel/Composer.test.tsx: does not touch the text while somebody composes',
      'ui/panel/Composer.test.tsx: leaves Enter to input methods'
    ]
  },
  {
    suffers: 'Half-written text is lost, or comes back in the wrong conversation.',
    tests: [
      'journeys/send.test.ts: keeps a draft over a reload',
      'journeys/send.test.ts: forgets what was typed a moment before signing out',
      'ui/panel/Composer.test.tsx: begins with the draft of its thread, and keeps each draft',
      'journeys/send.test.ts: stores a draft while it is written, for a page that dies without a word, and in its own thread',
      'journeys/send.test.ts: has what was typed last as the draft of all tabs, which do not take turns at it',
      'browser/files.test.ts: one that waits for the network survives a killed page, and is sent once and in its place'
    ],
    open: 'A file that was chosen and not sent yet is not kept over a reload: only what is sent is stored.'
  },
  {
    suffers: 'The count of unread messages is wrong.',
    tests: [
      'journeys/receive.test.ts: counts what was not read, tells once of each, and forgets the count when it is read',
      'browser/journeys.test.ts: an answer that comes while the visitor is away shows as a badge, and reading takes it away',
      'browser/attention.test.ts: is drawn once in all tabs, not while somebody looks, and the title comes back as it was',
      'journeys/receive.test.ts: counts what is unread in each thread and in all, in every tab: what others said, and nothing of one’s own',
      'journeys/receive.test.ts: shows an answer that came while away, after a reload, from storage before any network',
      'ui/panel/Conversation.test.tsx: counts a message as read when it was in view for a second, in a tab that is seen and a panel that is open',
      'ui/mount.test.ts: counts what is unread, in its badge and its name',
      'browser/attention.test.ts: makes no sound and no complaint before somebody has pressed something',
      'journeys/receive.test.ts: leaves unread what came while the visitor wrote without a network, tells of it, and not of their own words'
    ]
  },
  {
    suffers: 'There is only one conversation.',
    tests: [
      'ui/panel/Home.test.tsx: lists earlier conversations with what is unread',
      'ui/panel/Home.test.tsx: lists fifty of them, the latest first, each with what is unread in it',
      'ui/mount.test.ts: by code can name a thread'
    ],
    open: 'There is no archive. How long it takes to change the thread is not held to a figure.'
  },
  {
    suffers: 'The site cannot count what happens.',
    tests: [
      'core/numbers.test.ts: counts a scripted day exactly: first responses, waits, who left, who was glad',
      'core/numbers.test.ts: tells every listener, also after one that throws, and none that has stopped',
      'browser/brands.test.ts: share no key, identity, event, style or global, and one may go while the other stays'
    ],
    open: 'There are no DOM events beside `on`: they would be bytes that every visitor loads, and are one line for a site that wants them. What ends listening is a function that is returned, not a signal.'
  },
  {
    suffers: 'An answer that is written while one reads becomes a bubble for each piece, and cannot be stopped.',
    tests: [
      'browser/journeys.test.ts: an answer grows in one bubble, goes on after a reload, and stops when the visitor has had enough',
      'journeys/receive.test.ts: shows an answer that grows as one message, stores it when it is whole, and takes none back that comes late',
      'ui/panel/Conversation.test.tsx: lets an answer that grows be heard in whole sentences, each once, and be stopped',
      'journeys/receive.test.ts: keeps answers apart that grow at once, in one bubble each, and has them whole after a link that broke'
    ],
    open: 'An answer comes as the whole of what there is so far, not as pieces to be put together; on one link, they come in order.'
  },
  {
    suffers: 'What comes from outside becomes part of the page.',
    tests: [
      'ui/panel/rich.test.tsx: makes only these elements, with only these attributes, of any text',
      'ui/panel/objects.test.tsx: an object in place of words makes no element: %s',
      'ui/panel/copy.test.tsx: is text and nothing else, whatever was written',
      'demo/server/copies.test.ts: is text and nothing else, whatever was written, by whatever name',
      'browser/page.test.ts: raises no violation under the strictest policy, with nonce and Trusted Types',
      'ui/panel/objects.test.tsx: an object in place of a %s makes no element, and breaks nothing: %s',
      'ui/panel/rich.test.tsx: is the same in a copy that is kept or sent, whatever was written'
    ],
    open: 'Titles and words that the site itself gives as options are taken for what they are.'
  },
  {
    suffers: 'After a lost connection, a chat that has ended still looks live, or messages are refused.',
    tests: [
      'journeys/receive.test.ts: sends what was written without a connection as a message, when the live chat has ended meanwhile',
      'browser/journeys.test.ts: a chat goes on as messages when the agent leaves, and when the visitor does',
      'journeys/receive.test.ts: does not look up to date when the network is gone, and catches up when it is back'
    ],
    open: 'What waited goes on as a message by itself; whether it should is not asked.'
  },
  {
    suffers: 'Each tab makes its sound and opens its socket.',
    tests: [
      'browser/page.test.ts: keeps one socket for all tabs of a browser, and another tab takes over when the first is closed',
      'browser/attention.test.ts: is drawn once in all tabs, not while somebody looks, and the title comes back as it was',
      'browser/tabs.test.ts: are one to the visitor, without $without'
    ],
    open: 'Without both locks and a channel each tab is alone, and makes its own tone; no browser that we support is without a channel. How many seconds another tab takes is measured by `npm run faults`.'
  },
  {
    suffers: 'Rules, and the team, do not notice that the address changed without a page load.',
    tests: [
      'browser/rules.test.ts: follow the address without a page load, and ask for all conditions',
      'browser/pages.test.ts: are seen by agents, with the time at which each began, and without what may be a secret'
    ],
    open: 'That a change is noticed within a tenth of a second is not held to a figure. The tests of other routers are not run; nothing of the page is replaced.'
  },
  {
    suffers: 'What grows drags the reader back to its end.',
    tests: [
      'browser/journeys.test.ts: an answer grows in one bubble, goes on after a reload, and stops when the visitor has had enough',
      'browser/journeys.test.ts: who scrolls up is left there while an answer grows, until they are at its end again'
    ],
    open: 'Whether words that are marked while they grow stay marked, and how often the page is laid out, is not looked at.'
  },
  {
    suffers: 'There can be one widget on a page, and two of them mix.',
    tests: [
      'browser/brands.test.ts: share no key, identity, event, style or global, and one may go while the other stays',
      'ui/mount.test.ts: two widgets share nothing',
      'browser/inline.test.ts: shares the page with another one, in the corner',
      'browser/inline.test.ts: is the same with a chat of one’s own: mount(chat, { target })'
    ],
    open: 'There are two at a time, not three, and no rule of the linter keeps state out of modules.'
  },
  {
    suffers: 'Pictures in messages tell others who reads them.',
    tests: [
      'ui/panel/rich.test.tsx: makes only these elements, with only these attributes, of any text',
      'browser/files.test.ts: works under the strictest policy, without a complaint',
      'ui/panel/copy.test.tsx: shows marks as the widget does, and the visitor’s own words as they were written'
    ],
    open: 'A picture in a message is an address to press; there is no list of hosts to load from but the policy of the page, and that holds for the pictures of cards.'
  },
  {
    suffers: 'The sound does not play, and errors reach the page.',
    tests: [
      'browser/attention.test.ts: makes no sound and no complaint before somebody has pressed something',
      'ui/panel/attention/title.test.ts: keeps a title that the page gives itself meanwhile',
      'browser/attention.test.ts: is drawn once in all tabs, not while somebody looks, and the title comes back as it was'
    ]
  },
  {
    suffers: 'What is typed and pasted also works on the page behind it.',
    tests: [
      'ui/mount.test.ts: keeps keys from the shortcuts of the page',
      'browser/files.test.ts: what is pasted and dropped is added, and the page hears nothing of it',
      'ui/mount.test.ts: Escape on the page closes it if it covers the focus, unless the page wanted the key'
    ],
    open: 'What listens on its way down hears keys before we do, by the rules of the DOM. Pointer and wheel are not kept from the page.'
  },
  {
    suffers: 'The panel closes with each page.',
    tests: [
      'browser/next-page.test.ts: the panel is open where it was left, and the focus is the page’s',
      'browser/next-page.test.ts: it stays closed once it was closed, and in another tab',
      'browser/journeys.test.ts: a thread survives a reload, and a server that is killed',
      'browser/next-page.test.ts: it is open on the first screen for whoever comes after somebody has signed out'
    ],
    open: 'It opens again at the end of the thread, or at what is unread, not where it was scrolled to. There is no choice of how long a session lasts but `consent`.'
  },
  {
    suffers: 'A chat just ends: nothing to keep, and no way on.',
    tests: [
      'browser/journeys.test.ts: a live chat goes from the queue to the rating',
      'ui/panel/copy.test.tsx: has every message of every conversation, for people and for machines',
      'browser/copies.test.ts: goes to the visitor when the chat is over, and says why when it does not',
      'ui/panel/Conversation.test.tsx: is ended only after asking; Escape takes the question back',
      'ui/panel/copy.test.tsx: is text and nothing else, whatever was written',
      'demo/server/live.test.ts: ends a %s chat when the visitor is gone too long',
      'core/numbers.test.ts: counts a scripted day exactly: first responses, waits, who left, who was glad',
      'browser/journeys.test.ts: a chat goes on as messages when the agent leaves, and when the visitor does'
    ],
    open: 'A copy is one page of HTML, not also a text file.'
  }
]

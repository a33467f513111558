// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest'
import { fakeChat } from '../../support/fake-chat.ts'
import { type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let shown: ShownPanel | undefined
afterEach(() => shown?.panel.dispose())

/** What looks like an element to Preact, as JSON can say it and as a database can keep it. */
const props = { src: 'x', onerror: 'alert(1)', class: 'planted', children: 'planted' }
const forms = {
  'as JSON': { type: 'img', props, constructor: null, __v: 1, key: null, ref: null },
  'as a database keeps it': { type: 'img', props, constructor: undefined, key: undefined, ref: undefined }
}

it.each(Object.entries(forms))('an object in place of words makes no element: %s', async (_, planted) => {
  const chat = fakeChat()
  const contents = [
    {
      type: 'cards',
      cards: [{ title: planted }, { title: 'A card', text: planted, buttons: [{ label: planted, reply: planted }] }]
    },
    { type: 'replies', replies: [planted, { label: planted }] },
    { type: 'form', form: { fields: [{ name: 'a', label: planted, kind: 'text', hint: planted }], submit: planted } },
    { type: 'notice', code: planted, name: planted },
    { type: 'notice', code: 'joined', name: planted }
  ]
  for (const content of contents) chat.put('t', { author: 'bot', text: 'words', content: content as never })
  shown = await showPanel(chat, { threadId: 't' })
  await settle()
  const tiles = [...shown.root.querySelectorAll('.tile')].map(({ textContent }) => textContent)
  expect(tiles).toEqual(['A card'])
  expect(shown.root.querySelectorAll('.tile :is(p, button)')).toHaveLength(0)
  expect(shown.root.querySelectorAll('.planted, img[src="x"], [onerror]')).toHaveLength(0)
})

const places = Object.entries(forms).flatMap(([how, planted]) =>
  ['text', 'name', 'reason', 'draft'].map(what => [what, how, planted] as const)
)
it.each(places)('an object in place of a %s makes no element, and breaks nothing: %s', async (what, _, planted) => {
  const object = planted as never
  const chat = fakeChat()
  if (what === 'text') chat.put('t', { author: 'bot', text: object })
  else if (what === 'name') chat.put('t', { text: 'words', by: { name: object, picture: object } })
  else if (what === 'reason') chat.put('t', { author: 'visitor', text: 'words', delivery: 'failed', reason: object })
  else chat.draft('t', object)
  chat.put('t', { text: 'the next one' })
  shown = await showPanel(chat, { threadId: 't' })
  await settle()
  expect(shown.see.getByText('the next one')).toBeTruthy()
  expect(shown.root.querySelectorAll('.planted, img[src="x"], [onerror]')).toHaveLength(0)
})

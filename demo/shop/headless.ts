import { createChat, type Entry, websocket } from '../../src/index.ts'

const chat = await createChat({ app: 'fernhill', transport: websocket('/api/socket') })
let open = chat.$threads.get()[0]?.id ?? chat.newThread()

const form = document.querySelector('form')!
const input = document.querySelector('input')!
const threads = document.querySelector('select')!
const log = document.querySelector('ol')!
const home = document.querySelector('output')!

function show() {
  const known = chat.$threads.get()
  const options = known.map(({ id, newest }) => new Option(newest?.text || 'Waiting', id))
  threads.replaceChildren(...options, new Option('A new conversation', ''))
  threads.value = known.some(({ id }) => id === open) ? open : ''

  const entries = chat.$messages.get()[open]?.entries ?? []
  log.replaceChildren(...entries.map(line))
  log.scrollTop = log.scrollHeight
  if (home.value !== mood()) home.value = mood()
}

function line({ message, delivery }: Entry) {
  const item = document.createElement('li')
  const names = { visitor: 'You', agent: 'Fernhill', bot: 'Assistant', system: '' }
  const who = message.by?.name || names[message.author]
  item.append(who && `${who}: `, message.text, delivery ? ` (${delivery})` : '')
  return item
}

function mood() {
  if (chat.$link.get().state === 'waiting') return 'Not connected. Write: it is sent later.'
  const availability = chat.$availability.get()
  if (!availability) return 'One moment.'
  return availability.open ? 'Somebody is home.' : 'Nobody is home: leave a note.'
}

async function pick(threadId: string) {
  open = threadId
  await chat.load(open)
  show()
  await chat.read(open)
}

threads.onchange = () => pick(threads.value || chat.newThread())

form.onsubmit = async event => {
  event.preventDefault()
  await chat.send(open, { text: input.value })
  // Stored by now: it arrives, whatever happens to this page.
  form.reset()
}

const { $threads, $messages, $availability, $link } = chat
for (const $store of [$threads, $messages, $availability, $link]) $store.listen(show)
chat.on('alert', ({ threadId }) => threadId === open && chat.read(open))
chat.watch()
await pick(open)

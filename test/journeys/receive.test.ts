import { expect, it } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/reconcile.ts'
import '../../src/core/recovery.ts'
import '../../src/core/search.ts'
import '../../src/core/sending.ts'
import type { Session } from '../../src/model/session.ts'
import { stillTabs } from '../../src/page/still.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { eventually, pass, rig, rigs } from '../support/rig.ts'

const { make, open } = rigs()

/** A chat with one thread, in which the backend has the first message. */
async function talking(parts?: Parameters<typeof rig>[0]) {
  const made = await make(parts)
  const thread = made.chat.newThread()
  await made.chat.load(thread)
  await made.chat.send(thread, { text: 'hello?' })
  await eventually('sent', () => made.chat.$status.get().waiting === 0 && made.chat.$threads.get()[0]?.last === 1)
  return { ...made, thread, device: await made.device() }
}

it('shows an answer that grows as one message, stores it when it is whole, and takes none back that comes late', async () => {
  const { chat, transport, thread, device } = await talking()
  const grown = (text: string, position = 2) =>
    transport.ephemeral({
      type: 'message',
      message: {
        id: 'answer',
        threadId: thread,
        author: 'bot',
        by: null,
        text,
        content: null,
        attachments: [],
        at: 1,
        position
      }
    })
  const shown = () =>
    chat.$messages.get()[thread]!.entries.map(({ message, growing }) => [message.text, growing ?? false])
  for (const text of ['Yes', 'Yes, of', 'Yes, of course.']) {
    grown(text)
    await eventually(text, () => shown().at(-1)![0] === text)
    expect(shown()).toEqual([
      ['hello?', false],
      [text, true]
    ])
  }
  expect(chat.$threads.get()[0]!.last).toBe(1)
  transport.backend.say(device, thread, 'Yes, of course.', 'bot', { id: 'answer' })
  await eventually('whole', () => shown().at(-1)![1] === false)
  grown('Yes, of')
  grown('And', 3)
  await eventually('the next one', () => shown().at(-1)![0] === 'And')
  expect(shown()).toEqual([
    ['hello?', false],
    ['Yes, of course.', false],
    ['And', true]
  ])
})

const session = (threadId: string, more: Partial<Session>): Session => ({
  id: 's1',
  threadId,
  state: 'queued',
  version: 1,
  ahead: null,
  wait: null,
  agent: null,
  reason: null,
  score: null,
  ...more
})

it('counts what was not read, tells once of each, and forgets the count when it is read', async () => {
  const { chat, transport, thread, device } = await talking()
  const heard: string[] = []
  chat.on('alert', ({ message }) => heard.push(message.text))
  transport.backend.say(device, thread, 'yes!')
  transport.backend.say(device, thread, 'how can I help?')
  await eventually('unread', () => chat.$unread.get() === 2)
  await eventually('alerts', () => heard.length === 2)
  expect(heard).toEqual(['yes!', 'how can I help?'])
  await chat.read(thread)
  expect(chat.$unread.get()).toBe(0)
  transport.drop()
  await eventually('online again', () => chat.$link.get().state === 'online', 4000)
  expect([chat.$unread.get(), heard.length]).toEqual([0, 2])
})

it('leaves unread what came while the visitor wrote without a network, tells of it, and not of their own words', async () => {
  const { chat, transport, thread, device, tab } = await talking()
  const other = await tab()
  open.push(other)
  const heard: string[] = []
  for (const each of [chat, other.chat]) each.on('alert', ({ message }) => heard.push(message.text))
  transport.offline(true)
  await chat.send(thread, { text: 'are you still there?' })
  transport.backend.say(device, thread, 'we are open until six')
  transport.offline(false)
  chat.reconnect()
  await eventually('sent', () => chat.$threads.get()[0]?.last === 3, 4000)
  await eventually('the other tab knows', () => other.chat.$threads.get()[0]?.last === 3)
  expect([chat.$unread.get(), other.chat.$unread.get()]).toEqual([1, 1])
  expect(new Set(heard)).toEqual(new Set(['we are open until six']))
  await chat.read(thread)
  await chat.send(thread, { text: 'good' })
  await eventually('sent as well', () => chat.$threads.get()[0]?.last === 4)
  expect(chat.$threads.get()[0]).toMatchObject({ unread: 0, read: 4 })
})

it('counts what is unread in each thread and in all, in every tab: what others said, and nothing of one’s own', async () => {
  const { chat, transport, thread, device, tab } = await talking()
  const other = await tab()
  open.push(other)
  const busy = chat.newThread()
  await chat.send(busy, { text: 'and another thing' })
  await eventually('sent', () => chat.$status.get().waiting === 0)
  const counts = ({ $threads, $unread }: typeof chat) => {
    const unread = (id: string) => $threads.get().find(known => known.id === id)?.unread
    return [unread(thread), unread(busy), $unread.get()].join()
  }
  const agree = async (expected: string) => {
    for (const each of [chat, other.chat]) await eventually(expected, () => counts(each) === expected, 5000)
  }
  await agree('0,0,0')
  transport.backend.say(device, thread, 'welcome', 'bot')
  transport.backend.say(device, busy, 'yes?')
  transport.backend.say(device, busy, 'still there?')
  await agree('1,2,3')
  // Read in one tab, it is read in both; the other thread is as it was.
  await other.chat.read(busy)
  await agree('1,0,1')
  transport.offline(true)
  await eventually('offline', () => chat.$link.get().state === 'waiting')
  transport.backend.say(device, busy, 'said meanwhile')
  await agree('1,0,1')
  transport.offline(false)
  chat.reconnect()
  await agree('1,1,2')
  await chat.read(thread)
  await chat.read(busy)
  await agree('0,0,0')
})

it('keeps answers apart that grow at once, in one bubble each, and has them whole after a link that broke', async () => {
  const { chat, transport, thread, device } = await talking()
  const threads = [thread, chat.newThread(), chat.newThread()]
  for (const id of threads.slice(1)) {
    await chat.load(id)
    await chat.send(id, { text: 'hello?' })
  }
  await eventually(
    'sent',
    () => chat.$threads.get().length === 3 && chat.$threads.get().every(({ last }) => last === 1)
  )
  const words = ['one two three', 'four five six', 'seven eight nine']
  const grow = (which: number, count: number) =>
    transport.ephemeral({
      type: 'message',
      message: {
        id: `answer-${which}`,
        threadId: threads[which]!,
        author: 'bot',
        by: null,
        text: words[which]!.split(' ').slice(0, count).join(' '),
        content: null,
        attachments: [],
        at: 1,
        position: 2
      }
    })
  const shown = () =>
    threads
      .map(id =>
        chat.$messages
          .get()
          [id]!.entries.map(({ message }) => message.text)
          .join(' / ')
      )
      .join()
  const all = words.map(text => `hello? / ${text}`).join()
  for (const count of [1, 2, 2]) for (const which of [2, 0, 1]) grow(which, count)
  await eventually('all three', () => shown() === all.replace(/ (three|six|nine)/g, ''))
  transport.drop()
  words.forEach((text, which) => {
    transport.backend.say(device, threads[which]!, text, 'bot', { id: `answer-${which}` })
  })
  await eventually('whole', () => shown() === all, 4000)
  for (const which of [0, 1, 2]) grow(which, 1)
  transport.backend.say(device, thread, 'the last word', 'bot')
  await eventually('the last word', () => shown() === all.replace('three', 'three / the last word'))
})

it('shows an answer that came while away, after a reload, from storage before any network', async () => {
  const { chat, transport, thread, device, reload } = await talking()
  transport.backend.say(device, thread, 'while you looked')
  await eventually('unread', () => chat.$unread.get() === 1)
  transport.offline(true)
  const later = await reload()
  open.push(later)
  expect(later.chat.$unread.get()).toBe(1)
  await later.chat.load(thread)
  expect(later.chat.$messages.get()[thread]?.entries.map(({ message }) => message.text)).toEqual([
    'hello?',
    'while you looked'
  ])
  transport.backend.say(device, thread, 'while you were away')
  transport.offline(false)
  later.chat.reconnect()
  await eventually('both', () => later.chat.$unread.get() === 2, 4000)
})

it('raises the ticks of own messages as the other side receives and reads', async () => {
  const { chat, transport, thread, device } = await talking()
  const delivery = () => chat.$messages.get()[thread]?.entries[0]?.delivery
  expect(delivery()).toBe('sent')
  transport.backend.receipt(device, thread, { delivered: 1, read: 0 })
  await eventually('delivered', () => delivery() === 'delivered')
  transport.backend.receipt(device, thread, { delivered: 1, read: 1 })
  await eventually('read', () => delivery() === 'read')
  transport.backend.receipt(device, thread, { delivered: 1, read: 0 })
  transport.backend.say(device, thread, 'later')
  await eventually('later', () => chat.$unread.get() === 1)
  expect(delivery()).toBe('read')
})

it('takes nothing back of what the tab that leads stores while another one reads', async () => {
  const [tabs, disk] = [stillTabs(), memory()]
  const first = await talking({ tabs, storage: disk })
  let between = async () => {}
  const slow: ChatStorage = {
    ...disk,
    async list(prefix, page) {
      const found = await disk.list(prefix, page)
      if (prefix[0] === 'thread' && prefix.length > 1) await between()
      return found
    }
  }
  const second = await rig({ transport: first.transport, storage: slow, tabs })
  open.push(second)
  const { backend } = first.transport
  backend.say(first.device, first.thread, 'one more')
  await eventually('told', () => second.chat.$unread.get() === 1)
  between = async () => {
    between = async () => {}
    backend.say(first.device, first.thread, 'and one')
    backend.receipt(first.device, first.thread, { delivered: 1, read: 1 })
    await eventually('stored', () => first.chat.$threads.get()[0]?.theirs.read === 1)
  }
  await second.chat.read(first.thread)
  const [stored] = await disk.list(['thread', first.thread])
  expect(stored?.value).toMatchObject({ last: 3, read: 2, unread: 1, theirs: { read: 1 } })
})

it('shows a gap where the newest page does not join, and fills it when scrolled to', async () => {
  const { chat, transport, thread, device } = await talking()
  transport.offline(true)
  for (let i = 0; i < 120; i++) transport.backend.say(device, thread, `line ${i}`)
  transport.backend.trim(device)
  transport.offline(false)
  chat.reconnect()
  const entries = () => chat.$messages.get()[thread]?.entries ?? []
  await eventually('the newest page', () => entries().at(-1)?.message.text === 'line 119', 4000)
  expect(
    entries()
      .filter(({ gap }) => gap)
      .map(({ message }) => message.position)
  ).toEqual([72])
  for (let i = 0; i < 3; i++) await chat.older(thread)
  await eventually('all there', () => entries().length === 121)
  expect(entries().map(({ message }) => message.position)).toEqual(Array.from({ length: 121 }, (_, i) => i + 1))
  expect(entries().some(({ gap }) => gap)).toBe(false)
})

it('shows all that is older to whoever scrolls up, where one of those that are not here was changed', async () => {
  const { chat, transport, thread, device } = await talking()
  transport.offline(true)
  for (let i = 2; i <= 300; i++) transport.backend.say(device, thread, `line ${i}`)
  transport.backend.trim(device)
  transport.offline(false)
  chat.reconnect()
  const texts = () => (chat.$messages.get()[thread]?.entries ?? []).map(({ message }) => message.text)
  await eventually('the newest page', () => texts().at(-1) === 'line 300', 4000)
  const { backend } = transport
  const [changed] = backend.history(device, thread, 101, 1)
  const { cursor } = backend.snapshot(device)
  transport.ephemeral({ type: 'message', message: { ...changed!, text: 'corrected' }, cursor })
  await pass(50)
  for (let i = 0; i < 8; i++) {
    await chat.older(thread)
    await pass(50)
  }
  expect(texts()).toHaveLength(300)
})

it('shows all that is older to whoever scrolls up while the disk is full, which drops what was fetched before', async () => {
  const disk = memory()
  let room = 120
  const storage: ChatStorage = {
    ...disk,
    durable: true,
    async commit(changes) {
      const isMessage = (key: unknown) => Array.isArray(key) && key[0] === 'message'
      const left = new Set((await disk.list(['message'])).map(({ key }) => String(key)))
      const puts = changes.flatMap(change => ('put' in change && isMessage(change.put) ? [String(change.put)] : []))
      for (const change of changes) if ('drop' in change) left.delete(String(change.drop))
      if (puts.length && new Set([...left, ...puts]).size > room) throw new StorageError('full', 'no room')
      await disk.commit(changes)
    }
  }
  const { chat, transport, thread, device } = await talking({ storage })
  transport.offline(true)
  for (let i = 2; i <= 300; i++) transport.backend.say(device, thread, `line ${i}`)
  transport.backend.trim(device)
  transport.offline(false)
  chat.reconnect()
  const entries = () => chat.$messages.get()[thread]?.entries ?? []
  await eventually('the newest page', () => entries().at(-1)?.message.text === 'line 300', 4000)
  for (let i = 0; i < 3; i++) {
    await chat.older(thread)
    await pass(3000)
  }
  room = 1000
  for (let i = 0; i < 12; i++) {
    await chat.older(thread)
    await pass(3000)
  }
  expect(entries().map(({ message }) => message.position)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
  await eventually('durable', () => chat.$status.get().storage === 'durable', 20_000)
})

it('shows a chat that was asked for as queued, then what the backend says', async () => {
  const { chat, transport, thread, device } = await talking()
  const states: string[] = []
  chat.on('session', ({ session, was }) => states.push(`${was ?? 'none'}>${session.state}`))
  const asking = chat.start(thread)
  await eventually('asked', () => chat.$sessions.get()[thread]?.state === 'queued')
  await asking
  transport.backend.session(device, session(thread, { ahead: 2, wait: 60_000 }))
  await eventually('queued', () => chat.$sessions.get()[thread]?.ahead === 2)
  transport.ephemeral({ type: 'session', session: session(thread, { ahead: 1, wait: 30_000 }) })
  await eventually('one ahead', () => chat.$sessions.get()[thread]?.ahead === 1)
  const agent = { name: 'Sam', picture: '' }
  transport.backend.session(device, session(thread, { state: 'active', version: 2, agent }))
  await eventually('active', () => chat.$sessions.get()[thread]?.state === 'active')
  expect(states.at(-1)).toBe('queued>active')
  transport.ephemeral({ type: 'session', session: session(thread, { ahead: 1, version: 1 }) })
  await pass(20)
  expect(chat.$sessions.get()[thread]?.state).toBe('active')
})

it('sends what was written without a connection as a message, when the live chat has ended meanwhile', async () => {
  const { chat, transport, thread, device, page } = await talking()
  const agent = { name: 'Sam', picture: '' }
  transport.backend.session(device, session(thread, { state: 'active', agent }))
  await eventually('active', () => chat.$sessions.get()[thread]?.state === 'active')
  transport.offline(true)
  page.emit('offline')
  await eventually('waiting', () => chat.$status.get().link !== 'online')
  await chat.send(thread, { text: 'one more thing' })
  transport.backend.session(device, session(thread, { state: 'ended', version: 2, agent, reason: 'agent' }))
  transport.offline(false)
  page.emit('online')
  await eventually('sent', () => chat.$status.get().waiting === 0 && chat.$status.get().link === 'online', 4000)
  expect(chat.$sessions.get()[thread]?.state).toBe('ended')
  expect(chat.$messages.get()[thread]?.entries.at(-1)).toMatchObject({ delivery: 'sent', reason: '' })
  expect(transport.backend.history(device, thread, undefined, 10).map(({ text }) => text)).toEqual([
    'hello?',
    'one more thing'
  ])
})

it('shows who types until they stop, write, or fall silent', async () => {
  const { chat, transport, thread, device } = await talking()
  const by = { name: 'Sam', picture: '' }
  transport.ephemeral({ type: 'typing', threadId: thread, active: true, by })
  await eventually('typing', () => chat.$typing.get()[thread]?.by?.name === 'Sam')
  transport.backend.say(device, thread, 'there')
  await eventually('written', () => chat.$typing.get()[thread] === undefined)
})

it('does not look up to date when the network is gone, and catches up when it is back', async () => {
  const { chat, transport, thread, device, page } = await talking()
  expect(chat.$status.get().link).toBe('online')
  page.emit('offline')
  await eventually('waiting', () => chat.$status.get().link !== 'online')
  transport.backend.say(device, thread, 'meanwhile')
  page.emit('online')
  await eventually('online', () => chat.$status.get().link === 'online', 4000)
  expect(chat.$unread.get()).toBe(1)
})

it('forgets everything on reset, in all tabs, and begins as somebody new', async () => {
  const { chat, thread, device, tab, storage } = await talking()
  const other = await tab()
  open.push(other)
  await other.chat.load(thread)
  await chat.reset()
  expect(chat.$threads.get()).toEqual([])
  expect(chat.$messages.get()).toEqual({})
  await eventually(
    'the other tab too',
    () => other.chat.$threads.get().length === 0 && !other.chat.$messages.get()[thread]
  )
  chat.watch()
  await eventually('online', () => chat.$link.get().state === 'online', 4000)
  const [row] = await storage.list(['device'])
  expect(row?.value).not.toBe(device)
  expect(await storage.list(['message'])).toEqual([])
})

it('loads a thread from a message on that was said long ago, and finds it', async () => {
  const { chat, transport, thread, device, reload } = await talking()
  for (let i = 2; i <= 200; i++) transport.backend.say(device, thread, i === 20 ? 'the needle' : `straw ${i}`)
  await eventually('stored', () => chat.$threads.get()[0]?.last === 200)
  const next = await reload()
  open.push(next)
  const [found] = await next.chat.search('NEEDLE')
  expect(found).toMatchObject({ message: { position: 20 }, ranges: [[4, 10]] })
  await next.chat.load(thread)
  const texts = () => next.chat.$messages.get()[thread]?.entries.map(({ message }) => message.text)
  expect(texts()).not.toContain('the needle')
  await next.chat.load(thread, found!.message.position)
  expect(texts()).toContain('the needle')
  expect(texts()?.at(-1)).toBe('straw 200')
})

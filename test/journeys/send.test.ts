import { expect, it, vi } from 'vitest'
import type { Chat } from '../../src/core/chat.ts'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/reconcile.ts'
import '../../src/core/recovery.ts'
import type { OutboxRow } from '../../src/core/rows.ts'
import '../../src/core/sending.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { eventually, pass, rigs } from '../support/rig.ts'

const { make, open } = rigs()

const lines = (chat: Chat, thread: string) =>
  (chat.$messages.get()[thread]?.entries ?? []).map(({ message, delivery }) => [message.text, delivery])

it('shows a message as queued when it is stored, and as sent when the backend has it', async () => {
  const { chat, transport } = await make()
  transport.offline(true)
  const thread = chat.newThread()
  await chat.load(thread)
  await chat.send(thread, { text: ' hello ' })
  expect(lines(chat, thread)).toEqual([['hello', 'queued']])
  transport.offline(false)
  chat.reconnect()
  await eventually('sent', () => lines(chat, thread)[0]?.[1] === 'sent', 4000)
  expect(lines(chat, thread)).toEqual([['hello', 'sent']])
  expect(chat.$status.get().waiting).toBe(0)
})

it('keeps five messages written offline over a reload, and sends them once and in order', async () => {
  const first = await make()
  first.transport.offline(true)
  const thread = first.chat.newThread()
  for (let i = 1; i <= 5; i++) await first.chat.send(thread, { text: `note ${i}` })
  const second = await first.reload()
  open.push(second)
  await second.chat.load(thread)
  expect(lines(second.chat, thread).map(([text]) => text)).toEqual(['note 1', 'note 2', 'note 3', 'note 4', 'note 5'])
  second.transport.offline(false)
  second.chat.reconnect()
  await eventually('all sent', () => lines(second.chat, thread).every(([, delivery]) => delivery === 'sent'), 5000)
  const stored = second.transport.backend.history(await second.device(), thread, undefined, 100)
  expect(stored.map(({ text }) => text)).toEqual(['note 1', 'note 2', 'note 3', 'note 4', 'note 5'])
})

it('sends once what was done but not acknowledged', async () => {
  const { chat, transport, device } = await make()
  const thread = chat.newThread()
  await chat.load(thread)
  chat.watch()
  await eventually('online', () => chat.$link.get().state === 'online')
  transport.loseAcks(true)
  await chat.send(thread, { text: 'unsure' })
  await eventually('the link is lost', () => chat.$link.get().state === 'waiting')
  transport.loseAcks(false)
  await eventually('sent', () => lines(chat, thread)[0]?.[1] === 'sent', 4000)
  expect(transport.backend.history(await device(), thread, undefined, 100)).toHaveLength(1)
  expect(lines(chat, thread)).toHaveLength(1)
})

it('refuses an empty and a far too long message, and loses neither draft nor thread', async () => {
  const { chat } = await make()
  const thread = chat.newThread()
  chat.draft(thread, 'half a thought')
  await expect(chat.send(thread, { text: '  ' })).rejects.toThrow('1 to 8000 characters, got 0')
  await expect(chat.send(thread, { text: 'x'.repeat(8001) })).rejects.toThrow('1 to 8000 characters, got 8001')
  expect(chat.$drafts.get()[thread]).toBe('half a thought')
})

it('drops the draft in the commit that accepts the message', async () => {
  const first = await make()
  const thread = first.chat.newThread()
  first.chat.draft(thread, 'half')
  first.page.emit('hide')
  await eventually('stored', () => true)
  await first.chat.send(thread, { text: 'half and whole' })
  expect(first.chat.$drafts.get()[thread]).toBeUndefined()
  const second = await first.reload()
  open.push(second)
  expect(second.chat.$drafts.get()[thread]).toBeUndefined()
})

it('does not bring a draft back that is sent just when it is to be stored', async () => {
  const { chat, page, storage } = await make()
  const thread = chat.newThread()
  chat.draft(thread, 'half')
  const sent = chat.send(thread, { text: 'half' })
  page.emit('hide')
  chat.draft(thread, 'the next one')
  await sent
  page.emit('hide')
  await eventually('stored', () => chat.$drafts.get()[thread] === 'the next one')
  expect((await storage.list(['draft'])).map(({ value }) => value)).toEqual(['the next one'])
})

it('forgets what was typed a moment before signing out', async () => {
  const { chat, page, storage } = await make()
  chat.draft(chat.newThread(), 'half')
  const left = chat.reset({ pending: 'discard' })
  expect(chat.$drafts.get()).toEqual({})
  await left
  page.emit('hide')
  await chat.send(chat.newThread(), { text: 'of the next one' })
  expect(await storage.list(['draft'])).toEqual([])
})

it('keeps a draft over a reload', async () => {
  const first = await make()
  const thread = first.chat.newThread()
  first.chat.draft(thread, 'half')
  first.page.emit('leave')
  await pass(5)
  const second = await first.reload()
  open.push(second)
  expect(second.chat.$drafts.get()[thread]).toBe('half')
})

it('stores a draft while it is written, for a page that dies without a word, and in its own thread', async () => {
  const { chat, storage } = await make()
  const [thread, other] = [chat.newThread(), chat.newThread()]
  for (let length = 100; length <= 2000; length += 100) chat.draft(thread, 'x'.repeat(length))
  await pass(400)
  expect(await storage.list(['draft'])).toEqual([{ key: ['draft', thread], value: 'x'.repeat(2000) }])
  // As the next page finds it, whatever became of this one.
  const next = await make({ storage })
  expect(next.chat.$drafts.get()[thread]).toHaveLength(2000)
  expect(next.chat.$drafts.get()[other]).toBeUndefined()
})

it('has what was typed last as the draft of all tabs, which do not take turns at it', async () => {
  const first = await make()
  const second = await first.tab()
  open.push(second)
  const thread = first.chat.newThread()
  const shown = () => [first, second].map(({ chat }) => chat.$drafts.get()[thread])
  first.chat.draft(thread, 'in the first')
  await pass(400)
  expect(shown()).toEqual(['in the first', 'in the first'])
  const commit = vi.spyOn(first.storage, 'commit')
  second.chat.draft(thread, 'in the second')
  await pass(400)
  expect(shown()).toEqual(['in the second', 'in the second'])
  await pass(1000)
  expect(shown()).toEqual(['in the second', 'in the second'])
  expect(await first.storage.list(['draft'])).toHaveLength(1)
  expect(commit.mock.calls.flat(2).filter(change => 'put' in change && change.put[0] === 'draft').length).toBeLessThan(
    2
  )
})

it('keeps a draft over a reload where somebody has signed out before', async () => {
  const first = await make()
  await first.chat.reset({ pending: 'discard' })
  const thread = first.chat.newThread()
  first.chat.draft(thread, 'half')
  first.page.emit('leave')
  await pass(0)
  expect(await first.storage.list(['draft'])).toHaveLength(1)
  const second = await first.reload()
  open.push(second)
  expect(second.chat.$drafts.get()[thread]).toBe('half')
})

it('goes on when the backend has lost its memory', async () => {
  const { chat, transport, device } = await make()
  const thread = chat.newThread()
  await chat.load(thread)
  await chat.send(thread, { text: 'one' })
  await chat.send(thread, { text: 'two' })
  await eventually('sent', () => lines(chat, thread).every(([, delivery]) => delivery === 'sent'))
  transport.offline(true)
  await chat.send(thread, { text: 'three' })
  transport.backend.wipe()
  transport.offline(false)
  chat.reconnect()
  const stored = async () => transport.backend.history(await device(), thread, undefined, 100).map(({ text }) => text)
  await eventually('sent', () => chat.$status.get().waiting === 0, 6000)
  expect(await stored()).toEqual(['three'])
  await eventually('shows what the backend holds', () => lines(chat, thread).length === 1)
  await chat.send(thread, { text: 'four' })
  await eventually('sent', () => chat.$status.get().waiting === 0)
  expect(await stored()).toEqual(['three', 'four'])
})

it('lets one tab hold the link and both show and send', async () => {
  const first = await make()
  const second = await first.tab()
  open.push(second)
  const thread = first.chat.newThread()
  await first.chat.load(thread)
  await second.chat.load(thread)
  await second.chat.send(thread, { text: 'from the second tab' })
  await first.chat.send(thread, { text: 'from the first tab' })
  await eventually('both sent in both', () =>
    [first, second].every(({ chat }) => lines(chat, thread).filter(([, delivery]) => delivery === 'sent').length === 2)
  )
  expect(lines(first.chat, thread)).toEqual(lines(second.chat, thread))
  expect(second.chat.$link.get().state).toBe('online')
  first.chat.close()
  await second.chat.send(thread, { text: 'on its own' })
  await eventually('the second tab leads', () => lines(second.chat, thread).at(-1)?.[1] === 'sent')
})

it('takes a message back that was never offered, and leaves no hole in its lane', async () => {
  const { chat, transport, device } = await make()
  transport.offline(true)
  const thread = chat.newThread()
  await chat.load(thread)
  await chat.send(thread, { text: 'one' })
  const id = await chat.send(thread, { text: 'two' })
  await chat.send(thread, { text: 'three' })
  await chat.discard(id)
  expect(lines(chat, thread).map(([text]) => text)).toEqual(['one', 'three'])
  transport.offline(false)
  chat.reconnect()
  await eventually('sent', () => chat.$status.get().waiting === 0, 4000)
  const stored = transport.backend.history(await device(), thread, undefined, 100)
  expect(stored.map(({ text }) => text)).toEqual(['one', 'three'])
})

/** Said in a tab that does not lead; it has arrived, but nobody here knows, and the network is gone. */
async function makeOnItsWay() {
  const first = await make()
  const second = await first.tab()
  open.push(second)
  const { transport } = first
  const thread = first.chat.newThread()
  await second.chat.load(thread)
  first.chat.watch()
  await eventually('online', () => first.chat.$link.get().state === 'online')
  transport.loseAcks(true)
  const id = await second.chat.send(thread, { text: 'on its way' })
  const device = await first.device()
  const arrived = () => transport.backend.history(device, thread, undefined, 100).map(({ text }) => text)
  await eventually('it has arrived', () => arrived().length === 1)
  transport.offline(true)
  return { first, second, transport, thread, id, arrived }
}

it('takes a message back in a tab that does not lead, unless the one that leads has offered it', async () => {
  const { first, second, transport, thread, id: offered, arrived } = await makeOnItsWay()
  await second.chat.discard(offered)
  const fresh = await second.chat.send(thread, { text: 'on second thoughts' })
  await second.chat.discard(fresh)
  await eventually('taken back', () => lines(second.chat, thread).length === 1)
  transport.loseAcks(false)
  transport.offline(false)
  first.chat.reconnect()
  await eventually('sent', () => first.chat.$status.get().waiting === 0, 4000)
  expect(arrived()).toEqual(['on its way'])
  expect(lines(second.chat, thread).map(([text]) => text)).toEqual(['on its way'])
})

it('takes a message back into the draft within its grace, in either tab, and nothing of it ever leaves', async () => {
  const first = await make()
  const second = await first.tab()
  open.push(second)
  const { transport } = first
  first.chat.watch()
  await eventually('online', () => first.chat.$link.get().state === 'online')
  const threads = [first, second].map(({ chat }) => chat.newThread())
  for (const [i, { chat }] of [first, second].entries()) {
    const thread = threads[i]!
    await chat.load(thread)
    const id = await chat.send(thread, { text: 'I hate you', grace: 60_000 })
    chat.draft(thread, 'and that')
    await chat.undo(id)
    await eventually('a draft', () => first.chat.$drafts.get()[thread] === 'I hate you\nand that')
    expect(lines(chat, thread)).toEqual([])
    await chat.send(thread, { text: 'I like you' })
  }
  await eventually('sent', () => first.chat.$status.get().waiting === 0)
  const device = await first.device()
  for (const thread of threads) {
    expect(transport.backend.history(device, thread, undefined, 100).map(({ text }) => text)).toEqual(['I like you'])
  }
})

it('takes back nothing that has left, if it is asked late', async () => {
  const { chat, transport, storage } = await make()
  transport.offline(true)
  const id = await chat.send(chat.newThread(), { text: 'sent by another tab since' })
  const [row] = await storage.list(['outbox'])
  await storage.commit([{ drop: row!.key }])
  await chat.discard(id)
  expect(await storage.list(['outbox'])).toEqual([])
})

it('has everything erased, and says so only when it is done', async () => {
  const { chat, transport, device } = await make()
  const thread = chat.newThread()
  chat.watch()
  await chat.send(thread, { text: 'a secret' })
  await eventually('sent', () => chat.$status.get().waiting === 0 && chat.$threads.get()[0]?.last === 1)
  transport.offline(true)
  let receipt = ''
  const erased = chat.erase().then(id => {
    receipt = id
  })
  await eventually('it waits', () => chat.$status.get().waiting === 1)
  expect(receipt).toBe('')
  transport.offline(false)
  chat.reconnect()
  await eventually('erased', () => receipt !== '', 4000)
  await erased
  const stored = transport.backend.history(await device(), thread, undefined, 10)
  expect(stored).toMatchObject([{ text: '', content: { type: 'erased' } }])

  transport.backend.refuse('erase', 'not here')
  await expect(chat.erase()).rejects.toThrow('not here')
  expect(chat.$status.get().waiting).toBe(0)
})

it('does not call erased what went because somebody signed out', async () => {
  const { chat, transport } = await make()
  chat.watch()
  await chat.send(chat.newThread(), { text: 'a secret' })
  await eventually('sent', () => chat.$status.get().waiting === 0)
  transport.offline(true)
  const erased = chat.erase()
  erased.catch(() => {})
  await eventually('it waits', () => chat.$status.get().waiting === 1)
  await chat.reset({ pending: 'discard' })
  await expect(erased).rejects.toThrow('signed out')
})

it('keeps what is half written when something else is said', async () => {
  const { chat } = await make()
  const thread = chat.newThread()
  chat.draft(thread, 'And one more thing')
  await chat.send(thread, { text: 'A quick reply' })
  await chat.send(thread, { text: 'name: Kim', answers: { to: null, values: { name: 'Kim' } } })
  expect(chat.$drafts.get()[thread]).toBe('And one more thing')
  await chat.send(thread, { text: 'And one more thing: the plug' })
  await eventually('no draft', () => !chat.$drafts.get()[thread])
})

it('makes no draft of the answers to a form that were taken back', async () => {
  const { chat } = await make()
  const thread = chat.newThread()
  chat.draft(thread, 'half')
  const id = await chat.send(thread, {
    text: 'name: Kim',
    answers: { to: null, values: { name: 'Kim' } },
    grace: 60_000
  })
  await chat.undo(id)
  expect(lines(chat, thread)).toEqual([])
  expect(chat.$drafts.get()[thread]).toBe('half')
})

it('says that it is too late to take a message back that was offered', async () => {
  const { chat, transport } = await make()
  const thread = chat.newThread()
  chat.watch()
  await eventually('online', () => chat.$link.get().state === 'online')
  transport.loseAcks(true)
  const id = await chat.send(thread, { text: 'on its way' })
  const device = String((await open.at(-1)!.storage.list(['device']))[0]!.value)
  await eventually('it has arrived', () => transport.backend.history(device, thread, undefined, 1).length === 1)
  transport.offline(true)
  await expect(chat.undo(id)).rejects.toThrow('on its way')
  expect(chat.$drafts.get()[thread]).toBeUndefined()
})

it('says that it is too late to take back what is sent while somebody waits for that in another tab', async () => {
  const { first, second, transport, thread, id } = await makeOnItsWay()
  let said = ''
  second.chat.undo(id).then(
    () => {
      said = 'taken back'
    },
    (error: Error) => {
      said = error.message
    }
  )
  transport.loseAcks(false)
  transport.offline(false)
  first.chat.reconnect()
  await eventually('it is told', () => said !== '')
  expect(said).toContain('on its way')
  await eventually('sent', () => second.chat.$status.get().waiting === 0)
  // Nor afterwards.
  await expect(second.chat.undo(id)).rejects.toThrow('on its way')
  expect(second.chat.$drafts.get()[thread]).toBeUndefined()
})

it('shows a message once that is heard of at its new number before it is gone from the old one', async () => {
  const tabs = stillTabs()
  const { chat, transport, storage } = await make({ tabs })
  transport.offline(true)
  const thread = chat.newThread()
  await chat.load(thread)
  await chat.send(thread, { text: 'one' })
  const shown: number[] = []
  chat.$messages.listen(now => shown.push(now[thread]!.entries.length))
  const [row] = await storage.list(['outbox'])
  const { command, ...rest } = row!.value as OutboxRow
  await storage.commit([
    { drop: row!.key },
    { put: ['outbox', thread, 4], value: { ...rest, command: { ...command, n: 4 } } }
  ])
  tabs().tell({ type: 'rows', keys: [['outbox', thread, 4]] })
  await eventually('heard of', () => shown.length > 0)
  expect(shown).toEqual([1])
})

it('shows what there is when it hears late that everything went', async () => {
  const tabs = stillTabs()
  const { chat, transport } = await make({ tabs })
  transport.offline(true)
  const thread = chat.newThread()
  await chat.send(thread, { text: 'said since' })
  const shown: number[] = []
  chat.$threads.listen(now => shown.push(now.length))
  tabs().tell({ type: 'rows', keys: [[], ['life']] })
  await pass(50)
  expect([chat.$threads.get().length, ...shown]).not.toContain(0)
})

it('shows what another tab has numbered anew before it shows what is said after it', async () => {
  const tabs = stillTabs()
  const { chat, transport, storage } = await make({ tabs })
  transport.offline(true)
  const thread = chat.newThread()
  await chat.load(thread)
  await chat.send(thread, { text: 'zero' })
  await chat.send(thread, { text: 'one' })
  const [zero, one] = await storage.list(['outbox'])
  const { command, ...rest } = one!.value as OutboxRow
  // The note of it is on its way.
  await storage.commit([
    { drop: zero!.key },
    { drop: one!.key },
    { put: ['outbox', thread, 1], value: { ...rest, command: { ...command, n: 1 } } },
    { put: ['lane', thread], value: 1 }
  ])
  const shown: string[] = []
  chat.$messages.listen(now => shown.push(now[thread]!.entries.map(({ message }) => message.text).join(', ')))
  await chat.send(thread, { text: 'two' })
  expect(shown).toContain('one, two')
  expect(shown.filter(list => list.includes('two') && list !== 'one, two')).toEqual([])
})

it('shows nothing of who was here before beside what it hears of somebody else', async () => {
  const tabs = stillTabs()
  const { chat, transport, storage } = await make({ tabs })
  transport.offline(true)
  const thread = chat.newThread()
  await chat.send(thread, { text: 'of who was here before' })
  const [row] = await storage.list(['outbox'])
  await storage.commit([
    { drop: [] },
    { put: ['life'], value: 1 },
    { put: ['outbox', 'another', 1], value: row!.value }
  ])
  tabs().tell({ type: 'rows', keys: [['outbox', 'another', 1]], life: 1 })
  await eventually('the life is over', () => !chat.$threads.get().length)
})

it('sends what a tab left that died before it could say so, and numbers nothing over it', async () => {
  const { chat, transport, storage, device } = await make()
  const thread = chat.newThread()
  await chat.load(thread)
  chat.watch()
  await eventually('online', () => chat.$link.get().state === 'online')
  const command = { id: 'of-a-tab-that-died', n: 1, type: 'message', threadId: thread, text: 'one', attachments: [] }
  await storage.commit([
    { put: ['lane', thread], value: 1 },
    { put: ['outbox', thread, 1], value: { command, at: 1, acked: null, failed: null } }
  ])
  await chat.send(thread, { text: 'two' })
  const arrived = async () => transport.backend.history(await device(), thread, undefined, 100).map(({ text }) => text)
  await eventually('sent', () => lines(chat, thread).filter(([, delivery]) => delivery === 'sent').length === 2, 6000)
  expect(await arrived()).toEqual(['one', 'two'])
})

it('begins anew once when two tabs sign out at the same time', async () => {
  const first = await make()
  const second = await first.tab()
  open.push(second)
  first.transport.offline(true)
  await first.chat.send(first.chat.newThread(), { text: 'before' })
  await Promise.all([first, second].map(({ chat }) => chat.reset({ pending: 'discard' })))
  expect(await first.storage.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
  const thread = second.chat.newThread()
  await first.chat.load(thread)
  await second.chat.send(thread, { text: 'after' })
  await eventually('shown in both', () => [first, second].every(({ chat }) => chat.$threads.get().length === 1))
  expect(first.chat.$threads.get()[0]?.id).toBe(thread)
})

it('keeps the order of two messages said at once, though another tab was faster than the first of them', async () => {
  const disk = memory()
  const transport = memoryTransport()
  transport.offline(true)
  const tabs = stillTabs()
  const theirs = await make({ storage: disk, transport, tabs })
  const thread = theirs.chat.newThread()
  let between: (() => Promise<unknown>) | undefined
  const ours = await make({
    storage: {
      ...disk,
      async commit(changes) {
        if (changes.some(change => 'put' in change && change.put[0] === 'outbox')) {
          const now = between
          between = undefined
          await now?.()
        }
        return disk.commit(changes)
      }
    },
    transport,
    tabs
  })
  let second: Promise<unknown> | undefined
  between = async () => {
    await theirs.chat.send(thread, { text: 'theirs' })
    // By now ours has been told, and looks at it when the first message is through.
    await pass(5)
    second = ours.chat.send(thread, { text: 'two' })
  }
  await ours.chat.send(thread, { text: 'one' })
  await second
  const waiting = (await disk.list(['outbox', thread])).map(({ value }) => (value as OutboxRow).command)
  expect(waiting.map(command => command.type === 'message' && command.text)).toEqual(['theirs', 'one', 'two'])
})

it('keeps the name of a visitor who says their address right behind it', async () => {
  const { chat, storage } = await make()
  await Promise.all([chat.identify({ name: 'Ada' }), chat.identify({ email: 'ada@example.com' })])
  const ada = { name: 'Ada', email: 'ada@example.com' }
  expect(chat.$visitor.get()).toEqual(ada)
  const said = (await storage.list(['outbox'])).map(({ value }) => (value as OutboxRow).command)
  expect(said).toMatchObject([
    { type: 'identify', name: 'Ada', email: '' },
    { type: 'identify', ...ada }
  ])
})

it('is online for a tab in which somebody looks when another one leads that nobody looks at', async () => {
  const first = await make()
  const [second, third] = [await first.tab(), await first.tab()]
  open.push(second, third)
  const state = () => third.chat.$link.get().state
  third.chat.watch()
  await eventually('online', () => state() === 'online', 5000)
  first.chat.close()
  await pass(20_000)
  expect([second.chat.$link.get().state, state()]).toEqual(['online', 'online'])
})

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../../../demo/server/bus/bus.ts'
import { createProcessBus } from '../../../demo/server/bus/process.ts'
import type { Outcome } from '../../../demo/server/conversations/accept.ts'
import { type Conversations, createConversations } from '../../../demo/server/conversations/conversations.ts'
import { moveConversations } from '../../../demo/server/conversations/move.ts'
import type { Away } from '../../../demo/server/conversations/promise.ts'
import { createWrite } from '../../../demo/server/conversations/writing.ts'
import { createDevices, type Device, type Devices } from '../../../demo/server/identity/devices.ts'
import { defaultLimits } from '../../../demo/server/limits.ts'
import { migrate } from '../../../demo/server/store/migrate.ts'
import type { Store } from '../../../demo/server/store/store.ts'
import type { Command, Deed } from '../../../src/model/command.ts'
import { createId } from '../../../src/model/id.ts'
import { everyKind } from './stores.ts'

describe.each(everyKind())('accept, on $name', kind => {
  let store: Store | undefined
  let conversations: Conversations
  let devices: Devices
  let device: Device

  let bus: Bus

  /** @param changed What the store does in another way. */
  const restart = async (changed: Partial<Store> = {}) => {
    bus = createProcessBus(error => {
      throw error
    })
    conversations = await createConversations({ store: { ...store!, ...changed }, bus, limits: defaultLimits })
    devices = createDevices(createWrite(store!, bus), moveConversations)
  }
  const arrive = async (term = 1, secret = createId()) =>
    (await devices.greet({ secret, term, locale: '', zone: '' })) as Device

  beforeAll(async () => {
    store = await kind.open()
    if (store) await migrate(store)
  }, 120_000)
  afterAll(async () => {
    await store?.close()
    await kind.close()
  })
  beforeEach(async context => {
    if (!store) return context.skip()
    await restart()
    device = await arrive()
  })

  const offer = (command: Command, { from = device, away, term = 1 }: Circumstances = {}) =>
    conversations.accept({ device: from.hash, visitorId: from.visitorId, term, command, away: away && (() => away) })
  interface Circumstances {
    readonly from?: Device
    readonly away?: Away
    readonly term?: number
  }
  const message = (threadId: string, n: number, text = `message ${n}`, id = createId()): Command => ({
    id,
    n,
    type: 'message',
    threadId,
    text,
    attachments: []
  })
  const command = (n: number, deed: Deed): Command => ({ ...deed, n, id: createId() })
  const texts = async (threadId: string) =>
    (await conversations.page({ threadId, before: null, limit: 100 }))?.messages.map(({ text }) => text)
  const refused = (outcome: Outcome) =>
    outcome !== 'fenced' && !outcome.accepted ? [outcome.code, outcome.reason] : outcome

  describe('with nobody home', () => {
    const away: Away = { due: 1_790_000_000_000, assistant: false, awaited: false }
    const lines = async (threadId: string) =>
      (await conversations.page({ threadId, before: null, limit: 100 }))!.messages.map(({ text, content }) =>
        content?.type === 'notice' ? [content.code, ...(content.due ? [content.due] : [])].join(' ') : text
      )
    const reply = async (threadId: string) => {
      await store!.query(
        `INSERT INTO agents (id, name, email, password, since) VALUES ('sam', 'Sam', 'sam', '', 0) ON CONFLICT DO NOTHING`
      )
      await conversations.acceptOfAgent('sam', { id: createId(), type: 'reply', threadId, text: 'here' })
    }

    it('says when an answer may be expected, once in each wait', async () => {
      const thread = createId()
      const first = message(thread, 1, 'one')
      expect(await offer(first, { away })).toMatchObject({ position: 1 })
      expect(await offer(message(thread, 2, 'two'), { away })).toMatchObject({ position: 3 })
      await restart()
      expect(await offer(first, { away })).toMatchObject({ position: 1 })
      expect(await offer(message(thread, 3, 'three'), { away })).toMatchObject({ position: 4 })
      expect(await lines(thread)).toEqual(['one', `promised ${away.due}`, 'two', 'three'])
      await reply(thread)
      await offer(message(thread, 4, 'four'), { away: { ...away, due: 1_800_000_000_000 } })
      expect((await lines(thread)).slice(-3)).toEqual(['here', 'four', 'promised 1800000000000'])
    })

    it('says it to each of many who write at once', async () => {
      const others = await Promise.all(Array.from({ length: 8 }, () => arrive()))
      const threads = others.map(() => createId())
      await Promise.all(others.map((from, i) => offer(message(threads[i]!, 1, 'hello'), { from, away })))
      for (const thread of threads) expect(await lines(thread)).toEqual(['hello', `promised ${away.due}`])
    })

    it('says it to whoever asks for a live chat, and not again when they write', async () => {
      const thread = createId()
      await offer(command(1, { type: 'start', threadId: thread }), { away })
      await offer(message(thread, 2, 'then a note'), { away })
      expect(await lines(thread)).toEqual(['unanswered', `promised ${away.due}`, 'then a note'])
    })

    it('says nothing in a live chat that goes on, nor where the assistant answers, nor without knowing when', async () => {
      const chat = createId()
      await offer(command(1, { type: 'start', threadId: chat }))
      await conversations.acceptOfAgent('sam', { id: createId(), type: 'accept', threadId: chat })
      await offer(message(chat, 2, 'still there?'), { away })
      expect(await lines(chat)).toEqual(['queued', 'joined', 'still there?'])
      const [toAssistant, unknown] = [createId(), createId()]
      await offer(message(toAssistant, 1, 'a question'), { away: { ...away, assistant: true } })
      expect(await lines(toAssistant)).toEqual(['a question'])
      await offer(message(unknown, 1, 'a note'), { away: { ...away, due: null } })
      expect(await lines(unknown)).toEqual(['a note'])
    })

    it('asks what there is to say only where a wait may begin', async () => {
      const ask = vi.fn(() => away)
      const say = (command: Command) =>
        conversations.accept({ device: device.hash, visitorId: device.visitorId, term: 1, command, away: ask })
      const [thread, chat] = [createId(), createId()]
      await say(command(1, { type: 'identify', name: 'Ann', email: '' }))
      await say(message(thread, 1))
      expect(ask).toHaveBeenCalledTimes(1)
      await say(message(thread, 2))
      await say(command(3, { type: 'read', threadId: thread, upTo: 1 }))
      expect(ask).toHaveBeenCalledTimes(1)
      await say(command(1, { type: 'start', threadId: chat }))
      expect(ask).toHaveBeenCalledTimes(2)
    })
  })

  it('takes messages in their order and gives them their places', async () => {
    const thread = createId()
    expect(await offer(message(thread, 1))).toMatchObject({ accepted: true, position: 1 })
    expect(await offer(message(thread, 2))).toMatchObject({ accepted: true, position: 2 })
    const page = await conversations.page({ threadId: thread, before: null, limit: 10 }, device.visitorId)
    expect(page?.messages.map(({ position, text, author }) => [position, text, author])).toEqual([
      [1, 'message 1', 'visitor'],
      [2, 'message 2', 'visitor']
    ])
  })

  it('gives the same answer to the same command, for ever and after a restart', async () => {
    const thread = createId()
    const first = message(thread, 1)
    const answer = await offer(first)
    expect(await offer(first)).toEqual(answer)
    await offer(message(thread, 2))
    await restart()
    expect(await offer(first)).toEqual(answer)
    // Members that came along, and their order, do not make it another command.
    expect(await offer({ attachments: [], ...first } as Command)).toEqual(answer)
    expect(await texts(thread)).toEqual(['message 1', 'message 2'])
  })

  it('knows a command that was numbered anew', async () => {
    const thread = createId()
    const first = message(thread, 1)
    const answer = await offer(first)
    expect(await offer({ ...first, n: 7 })).toEqual(answer)
  })

  it('refuses other words under the same id, and a number that was given away', async () => {
    const thread = createId()
    const first = message(thread, 1)
    await offer(first)
    expect(refused(await offer({ ...first, text: 'something else' } as Command))).toEqual(['rejected', 'id-conflict'])
    expect(refused(await offer(message(thread, 1)))).toEqual(['rejected', 'seq-reuse'])
    expect(await texts(thread)).toEqual(['message 1'])
  })

  it('says what it expects after a hole, and forgets that it asked', async () => {
    const thread = createId()
    await offer(message(thread, 1))
    const early = message(thread, 3)
    expect(refused(await offer(early))).toEqual(['busy', 'expected:2'])
    expect(refused(await offer(message(createId(), 2)))).toEqual(['busy', 'expected:1'])
    await offer(message(thread, 2))
    expect(await offer(early)).toMatchObject({ accepted: true, position: 3 })
  })

  it('goes on after what it refuses for good, and refuses it again', async () => {
    const thread = createId()
    const long = message(thread, 1, 'x'.repeat(8001))
    const empty = message(thread, 2, ' \n\t ')
    for (let round = 0; round < 2; round++) {
      expect(refused(await offer(long))).toEqual(['rejected', 'too-long'])
      expect(refused(await offer(empty))).toEqual(['rejected', 'empty'])
      await restart()
    }
    const file = { id: 'f', name: 'lamp.png', mime: 'image/png', size: 1, url: 'x' }
    const withFile: Command = { ...message(thread, 3), attachments: [file] } as Command
    expect(refused(await offer(withFile))).toEqual(['rejected', 'attachments'])
    expect(await offer(message(thread, 4))).toMatchObject({ accepted: true, position: 1 })
  })

  it('takes as much as it says, in every script', async () => {
    const thread = createId()
    const words = [
      'x'.repeat(8000),
      'ﷺ'.repeat(8000),
      '👩‍👩‍👧‍👦 \u202e abc',
      'zero \0 and half \ud83c of a pair',
      '__proto__'
    ]
    for (const [i, text] of words.entries())
      expect(await offer(message(thread, i + 1, text))).toMatchObject({ accepted: true })
    expect(await texts(thread)).toEqual(words)
  })

  it('keeps lanes apart', async () => {
    const [a, b] = [createId(), createId()]
    expect(await offer(message(a, 1))).toMatchObject({ position: 1 })
    expect(await offer(command(1, { type: 'identify', name: 'Ada', email: 'ada@example.com' }))).toMatchObject({
      accepted: true,
      position: null
    })
    expect(await offer(message(b, 1))).toMatchObject({ position: 1 })
    expect(refused(await offer(command(2, { type: 'identify', name: '', email: 'no address' })))).toEqual([
      'rejected',
      'email'
    ])
  })

  it('takes a command once, however often it comes at the same time', async () => {
    const thread = createId()
    const same = message(thread, 1)
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => offer(same)))
    expect(new Set(outcomes.map(outcome => JSON.stringify(outcome))).size).toBe(1)
    expect(await texts(thread)).toEqual(['message 1'])
  })

  it('gives every place once when many write at once', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => arrive()))
    const threads = all.map(() => createId())
    await Promise.all(
      all.map(async (from, i) => {
        for (let n = 1; n <= 4; n++)
          expect(await offer(message(threads[i]!, n), { from })).toMatchObject({ position: n })
      })
    )
    for (const [i, { visitorId }] of all.entries()) {
      expect(await texts(threads[i]!)).toHaveLength(4)
      const { events } = await conversations.feed.after(visitorId, 0)
      // One for the thread, one for each message, without holes.
      expect(events.map(({ cursor }) => Number(cursor!.split('.')[1]))).toEqual([1, 2, 3, 4, 5])
    }
  })

  it('gives every place once when both sides write at once', async () => {
    const thread = createId()
    await offer(message(thread, 1))
    await store!.query(
      `INSERT INTO agents (id, name, email, password, since) VALUES ($1, 'Sam', $1, '', 0) ON CONFLICT DO NOTHING`,
      ['sam']
    )
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) =>
        conversations.acceptOfAgent('sam', { id: createId(), type: 'reply', threadId: thread, text: `reply ${i}` })
      ),
      (async () => {
        for (let n = 2; n <= 8; n++) await offer(message(thread, n))
      })()
    ])
    const { messages } = (await conversations.page({ threadId: thread, before: null, limit: 100 }))!
    expect(messages.map(({ position }) => position)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1))
    expect(messages.filter(({ author }) => author === 'visitor').map(({ text }) => text)).toEqual(
      Array.from({ length: 8 }, (_, i) => `message ${i + 1}`)
    )
  })

  it('answers each on its own, whoever writes at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => arrive()))
    const [ada, bob, cy, dee, eve, fay] = all as [Device, Device, Device, Device, Device, Device]
    const threads = all.map(() => createId())
    const before = message(threads[1]!, 1)
    const answer = await offer(before, { from: bob })
    const outcomes = await Promise.allSettled([
      offer(message(threads[0]!, 1), { from: ada }),
      offer(before, { from: bob }),
      offer(message(threads[2]!, 1, ' '), { from: cy }),
      offer(message(threads[3]!, 2), { from: dee }),
      offer(message(threads[1]!, 1), { from: eve }),
      offer(command(1, { type: 'start', threadId: threads[5]! }), { from: fay }),
      // A database takes no text with a zero in it, so this one fails, and whatever shares a transaction with it.
      offer(message(createId(), 1), { from: { hash: '\0', visitorId: createId() } })
    ])
    expect(outcomes).toMatchObject([
      { value: { accepted: true, position: 1 } },
      { value: answer },
      { value: { code: 'rejected', reason: 'empty' } },
      { value: { code: 'busy', reason: 'expected:1' } },
      { value: { code: 'forbidden', reason: 'forbidden' } },
      { value: { accepted: true, position: null } },
      { status: 'rejected' }
    ])
    expect(await texts(threads[0]!)).toEqual(['message 1'])
    expect(await texts(threads[1]!)).toEqual(['message 1'])
  })

  it('answers when everything is durable, and not before', async () => {
    const thread = createId()
    let commit = () => {}
    const held = new Promise<void>(resolve => {
      commit = resolve
    })
    await restart({
      transaction: work =>
        store!.transaction(async tx => {
          const result = await work(tx)
          await held
          return result
        })
    })
    const said: string[] = []
    bus.subscribe('feed', () => said.push('told'))
    const answer = offer(message(thread, 1)).then(outcome => {
      said.push('answered')
      return outcome
    })
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(said).toEqual([])
    commit()
    expect(await answer).toMatchObject({ accepted: true, position: 1 })
    expect(said).toEqual(['told', 'told', 'answered'])
  })

  it('finds what a database has stored that broke before it said so, and tells everybody', async () => {
    const others = await Promise.all([arrive(), arrive()])
    const threads = [createId(), createId(), createId()]
    let broken = false
    await restart({
      async transaction(work) {
        const result = await store!.transaction(work)
        if (!broken) {
          broken = true
          throw new Error('the connection broke')
        }
        return result
      }
    })
    const told: string[] = []
    bus.subscribe('thread', ({ threadId }) => told.push(threadId))
    const feeds: string[] = []
    bus.subscribe('feed', ({ visitorId, seq }) => feeds.push(`${visitorId} ${seq}`))
    const everybody = [device, ...others]
    const outcomes = await Promise.all(everybody.map((from, i) => offer(message(threads[i]!, 1), { from })))
    expect(outcomes).toMatchObject(threads.map(() => ({ accepted: true, position: 1 })))
    // Of the thread and of the words in it where nobody knew, and once more where it was found.
    expect(told.sort()).toEqual([...threads, ...threads, ...threads].sort())
    expect([...new Set(feeds)].sort()).toEqual(
      everybody.flatMap(({ visitorId }) => [`${visitorId} 1`, `${visitorId} 2`]).sort()
    )
    for (const thread of threads) expect(await texts(thread)).toEqual(['message 1'])
    expect((await conversations.feed.after(device.visitorId, 0)).events.map(({ type }) => type)).toEqual([
      'thread',
      'message'
    ])
  })

  it('tells of an answer though the database broke before it said so, and again when an agent has to send it again', async () => {
    const thread = createId()
    await offer(message(thread, 1))
    await store!.query(
      `INSERT INTO agents (id, name, email, password, since) VALUES ($1, 'Kim', $1, '', 0) ON CONFLICT DO NOTHING`,
      ['kim']
    )
    let broken = false
    await restart({
      async transaction(work) {
        const result = await store!.transaction(work)
        if (broken) return result
        broken = true
        throw new Error('the connection broke')
      }
    })
    const feeds: number[] = []
    bus.subscribe('feed', ({ seq }) => feeds.push(seq))
    const reply = { id: createId(), type: 'reply', threadId: thread, text: 'yes' } as const
    await expect(conversations.acceptOfAgent('kim', reply)).rejects.toThrow('broke')
    const [visitor] = await store!.query<{ feed: number }>('SELECT feed FROM visitors WHERE id = $1', [
      device.visitorId
    ])
    // A receipt and the words.
    expect(feeds.sort()).toEqual([visitor!.feed - 1, visitor!.feed])
    feeds.length = 0
    expect(await conversations.acceptOfAgent('kim', reply)).toMatchObject({ accepted: true })
    expect(feeds).toEqual([visitor!.feed])
    expect(await texts(thread)).toEqual(['message 1', 'yes'])
  })

  it('tells nobody of what the database refused', async () => {
    const thread = createId()
    await restart({
      transaction: work =>
        store!.transaction(async tx => {
          const result = await work(tx)
          await tx.query('SELECT 1 / 0')
          return result
        })
    })
    const feeds: number[] = []
    bus.subscribe('feed', ({ seq }) => feeds.push(seq))
    await expect(offer(message(thread, 1))).rejects.toThrow('zero')
    expect(feeds).toEqual([])
  })

  it('counts what either side has not read', async () => {
    const thread = createId()
    const unread = () => store!.query('SELECT unread_visitor, unread_team FROM threads WHERE id = $1', [thread])
    const reply = (text: string) =>
      conversations.acceptOfAgent('sam', { id: createId(), type: 'reply', threadId: thread, text })
    await store!.query(
      `INSERT INTO agents (id, name, email, password, since) VALUES ($1, 'Sam', $1, '', 0) ON CONFLICT DO NOTHING`,
      ['sam']
    )
    await offer(message(thread, 1))
    await offer(message(thread, 2))
    await offer(message(thread, 3))
    expect(await unread()).toEqual([{ unread_visitor: 0, unread_team: 3 }])
    await conversations.acceptOfAgent('sam', { id: createId(), type: 'read', threadId: thread, upTo: 2 })
    expect(await unread()).toEqual([{ unread_visitor: 0, unread_team: 1 }])
    await reply('one')
    await reply('two')
    expect(await unread()).toEqual([{ unread_visitor: 2, unread_team: 0 }])
    await offer(command(4, { type: 'start', threadId: thread }))
    await offer(command(5, { type: 'read', threadId: thread, upTo: 4 }))
    expect(await unread()).toEqual([{ unread_visitor: 1, unread_team: 0 }])
    // It may have been written without a network, before there was anything to read.
    await offer(message(thread, 6))
    expect(await unread()).toEqual([{ unread_visitor: 1, unread_team: 1 }])
    const mark = () => store!.query('SELECT last - visitor_read AS behind FROM threads WHERE id = $1', [thread])
    await offer(command(7, { type: 'read', threadId: thread, upTo: 100 }))
    expect([...(await unread()), ...(await mark())]).toEqual([{ unread_visitor: 0, unread_team: 1 }, { behind: 0 }])
    await offer(message(thread, 8))
    expect([...(await unread()), ...(await mark())]).toEqual([{ unread_visitor: 0, unread_team: 2 }, { behind: 0 }])
  })

  it('makes one thread when two visitors make up the same id', async () => {
    const thread = createId()
    const other = await arrive()
    const outcomes = await Promise.all([
      offer(message(thread, 1, 'mine')),
      offer(message(thread, 1, 'theirs'), { from: other })
    ])
    expect(outcomes.map(refused).filter(Array.isArray)).toEqual([['forbidden', 'forbidden']])
    expect(await texts(thread)).toHaveLength(1)
  })

  it('says the same of a thread that is not there and of one that is somebody else’s', async () => {
    const thread = createId()
    await offer(message(thread, 1, 'private'))
    const stranger = await arrive()
    const deeds = (threadId: string): Deed[] => [
      { type: 'read', threadId, upTo: 1 },
      { type: 'end', threadId, as: 'done' },
      { type: 'rate', threadId, sessionId: 'x', score: 5, note: '' }
    ]
    const [theirs, nowhere] = [deeds(thread), deeds(createId())]
    for (const [i, deed] of theirs.entries()) {
      const one = await offer(command(i + 1, deed), { from: stranger })
      const two = await offer(command(i + 1, nowhere[i]!), { from: stranger })
      expect(refused(one)).toEqual(['forbidden', 'forbidden'])
      expect(one).toEqual(two)
    }
    expect(await conversations.page({ threadId: thread, before: null, limit: 10 }, stranger.visitorId)).toBeUndefined()
  })

  it('obeys the newest tab of a device only', async () => {
    const secret = createId()
    const older = await arrive(3, secret)
    expect(await arrive(4, secret)).toEqual(older)
    expect(await devices.greet({ secret, term: 3, locale: '', zone: '' })).toBe('fenced')
    const thread = createId()
    const first = message(thread, 1)
    expect(await offer(first, { from: older, term: 3 })).toBe('fenced')
    expect(await offer(first, { from: older, term: 4 })).toMatchObject({ accepted: true })
  })

  it('makes one visitor of two first connections at once', async () => {
    const secret = createId()
    const both = await Promise.all(Array.from({ length: 6 }, () => arrive(1, secret)))
    expect(new Set(both.map(({ visitorId }) => visitorId)).size).toBe(1)
  })

  it('fills the place of what was taken back', async () => {
    const thread = createId()
    expect(await offer(command(1, { type: 'void', threadId: thread }))).toMatchObject({
      accepted: true,
      position: null
    })
    expect(await offer(message(thread, 2))).toMatchObject({ position: 1 })
  })

  it('opens a closed thread again, and never refuses because a chat has ended', async () => {
    const thread = createId()
    await offer(command(1, { type: 'start', threadId: thread }))
    expect(await offer(command(2, { type: 'start', threadId: thread }))).toMatchObject({ accepted: true })
    await offer(command(3, { type: 'end', threadId: thread, as: 'done' }))
    expect(await offer(command(4, { type: 'end', threadId: thread, as: 'done' }))).toMatchObject({ accepted: true })
    await store!.query(`UPDATE threads SET state = 'closed' WHERE id = $1`, [thread])
    expect(await offer(message(thread, 5))).toMatchObject({ accepted: true })
    expect(await store!.query('SELECT state FROM threads WHERE id = $1', [thread])).toEqual([{ state: 'open' }])
    expect((await conversations.live()).filter(({ threadId }) => threadId === thread)).toEqual([])
  })

  it('never counts a wait as less than nothing, whatever the clock says', async () => {
    const agent = createId()
    await store!.query('INSERT INTO agents (id, name, email, password, since) VALUES ($1, $1, $1, $1, 0)', [agent])
    const [written, asked] = [createId(), createId()]
    await offer(message(written, 1))
    await offer(command(1, { type: 'start', threadId: asked }))
    const now = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => now - 3_600_000)
    for (const threadId of [written, asked]) {
      await conversations.acceptOfAgent(agent, { id: createId(), type: 'reply', threadId, text: 'here' })
    }
    // Less than nothing would be a frame that no client takes.
    const { replyAfter, wait } = await conversations.figures()
    expect(Math.min(replyAfter!, wait!)).toBeGreaterThanOrEqual(0)
  })
})

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Chat } from '../../src/core/chat.ts'
import { createChat, stillPage, stillTabs } from '../../src/index.ts'
import { memory } from '../../src/storage/memory.ts'
import { type Scenario, type ScenarioStep, scenario } from '../../src/testing/index.ts'
import { perform, type ShownPanel, showPanel } from '../support/panel.ts'

const chats: Chat[] = []
const panels: ShownPanel[] = []

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 4, 5, 9, 30) })
})
afterEach(() => {
  for (const { panel } of panels.splice(0)) panel.dispose()
  for (const chat of chats.splice(0)) chat.close()
  vi.useRealTimers()
})

async function chatOver(transport: Scenario): Promise<Chat> {
  const storage = { ...memory(), durable: true }
  const chat = await createChat({ app: 'test', transport, storage, page: stillPage(), tabs: stillTabs()() })
  chats.push(chat)
  return chat
}

/** Lets time pass, and everything come to its end that was begun in it. */
async function pass(length: number): Promise<void> {
  for (let passed = 0; passed <= length; passed += 50) {
    await perform(() => vi.advanceTimersByTimeAsync(passed ? 50 : 0))
    await vi.dynamicImportSettled()
  }
}

interface Played {
  readonly chat: Chat
  readonly transport: Scenario
  readonly shown: ShownPanel
}

async function play(script: readonly ScenarioStep[], threadId = 'thread'): Promise<Played> {
  const transport = scenario(script)
  const chat = await chatOver(transport)
  chat.watch()
  await pass(100)
  const shown = await showPanel(chat, { threadId, locale: 'en' })
  panels.push(shown)
  await pass(100)
  return { chat, transport, shown }
}

const texts = ({ chat }: Played, threadId = 'thread') =>
  chat.$messages.get()[threadId]?.entries.map(({ message }) => message.text)

const everything: readonly ScenarioStep[] = [
  { do: 'availability', open: true, people: ['Mara Lind'], replyAfter: 120_000 },
  { do: 'say', text: 'Do you post to Norway?', author: 'visitor', at: -86_400_000 },
  { do: 'say', text: 'We **do**.', by: 'Mara Lind', at: -86_000_000 },
  { do: 'await', what: 'message' },
  { do: 'receipt', mark: 'read' },
  { do: 'typing', by: 'Mara Lind' },
  { do: 'wait', for: 500 },
  { do: 'say', text: 'Which one?', by: 'Mara Lind', content: { type: 'replies', replies: ['The Wren', 'The Lull'] } },
  { do: 'session', state: 'active', agent: 'Mara Lind' },
  { do: 'stream', text: 'Let me look that up for you', every: 50 }
]

describe('a scenario', () => {
  it('gives the same document each time it is played', async () => {
    const once = async () => {
      vi.setSystemTime(Date.UTC(2026, 4, 5, 9, 30))
      const { chat, shown } = await play(everything)
      const documents: string[] = []
      await perform(() => chat.send('thread', { text: 'And how long does it take?' }))
      for (let moment = 0; moment < 8; moment++) {
        await pass(150)
        documents.push(shown.root.innerHTML)
      }
      return documents
    }
    const first = await once()
    expect(new Set(first).size).toBeGreaterThan(3)
    expect(first.at(-1)).toContain('Let me look that up for you')
    expect(await once()).toEqual(first)
  })

  it('brings what stands before the first wait with the first connection, as read as the script says', async () => {
    const script: readonly ScenarioStep[] = [
      { do: 'say', text: 'one', at: -2000 },
      { do: 'receipt', mark: 'read', by: 'visitor' },
      { do: 'say', text: 'two', at: -1000 }
    ]
    const chat = await chatOver(scenario(script, { start: 10_000 }))
    chat.watch()
    await pass(100)
    const [thread] = chat.$threads.get()
    expect(thread).toMatchObject({ id: 'thread', last: 2, read: 1, unread: 1, at: 9000 })
  })

  it('goes on when the visitor does what is awaited, in the thread where they did it', async () => {
    const played = await play(
      [
        { do: 'await', what: 'message' },
        { do: 'say', text: 'Hello' }
      ],
      'new'
    )
    await pass(1000)
    expect(texts(played, 'new')).toEqual([])
    await played.chat.send('new', { text: 'Anybody?' })
    await pass(100)
    expect(texts(played, 'new')).toEqual(['Anybody?', 'Hello'])
    await played.transport.ended
  })

  it('ends an answer that grows when the visitor has had enough', async () => {
    const played = await play([
      { do: 'say', text: 'first' },
      { do: 'wait', for: 200 },
      { do: 'stream', text: 'one two three four', every: 200 }
    ])
    while (texts(played)?.[1] !== 'one two') await pass(50)
    played.chat.stop('thread')
    await pass(400)
    const { message, growing } = played.chat.$messages.get().thread!.entries.at(-1)!
    expect([message.text, message.content, growing]).toEqual(['one two', { type: 'stopped' }, false])
  })

  it('lets an answer grow, and stores it once it is whole', async () => {
    const played = await play([
      { do: 'say', text: 'first' },
      { do: 'wait', for: 500 },
      { do: 'stream', text: 'one two three', every: 200, by: 'Ida' }
    ])
    const seen: (string | undefined)[] = []
    while (played.chat.$threads.get()[0]?.last !== 2) {
      await pass(50)
      seen.push(texts(played)?.[1])
    }
    expect([...new Set(seen)]).toEqual([undefined, 'one', 'one two', 'one two three'])
    expect(texts(played)).toEqual(['first', 'one two three'])
  })

  it('leaves an answer as it is that is never whole', async () => {
    const played = await play([
      { do: 'say', text: 'first' },
      { do: 'wait', for: 200 },
      { do: 'stream', text: 'one two', final: false }
    ])
    await pass(1000)
    expect(texts(played)).toEqual(['first', 'one two'])
    expect(played.chat.$threads.get()[0]?.last).toBe(1)
  })

  it('plays a live chat, from the queue to the rating', async () => {
    const { chat } = await play([
      { do: 'await', what: 'start' },
      { do: 'session', state: 'queued', ahead: 2, wait: 60_000 },
      { do: 'wait', for: 300 },
      { do: 'session', state: 'active', agent: { name: 'Ida', picture: '' } },
      { do: 'await', what: 'end' },
      { do: 'session', state: 'ended', reason: 'visitor' },
      { do: 'await', what: 'rate' },
      { do: 'session', state: 'rated', score: 4 },
      { do: 'session', state: 'queued' }
    ])
    const now = () => chat.$sessions.get().thread
    await chat.start('thread')
    await pass(100)
    expect(now()).toMatchObject({ state: 'queued', ahead: 2, wait: 60_000, version: 1 })
    await pass(300)
    const { id } = now()!
    expect(now()).toMatchObject({ state: 'active', agent: { name: 'Ida' }, version: 2 })
    await chat.end('thread')
    await pass(100)
    expect(now()).toMatchObject({ id, state: 'ended', reason: 'visitor', agent: { name: 'Ida' } })
    await chat.rate('thread', 4)
    await pass(100)
    expect(now()).toMatchObject({ state: 'queued', version: 1, agent: null })
    expect(now()!.id).not.toBe(id)
  })

  it('brings a live chat that was there before', async () => {
    const { chat } = await play([
      { do: 'say', text: 'Hello' },
      { do: 'session', state: 'active', agent: 'Ida' }
    ])
    expect(chat.$sessions.get().thread).toMatchObject({ state: 'active' })
  })

  it('moves messages from queued to read', async () => {
    const { chat } = await play([
      { do: 'wait', for: 50 },
      { do: 'link', is: 'silent' },
      { do: 'wait', for: 1000 },
      { do: 'link', is: 'up' },
      { do: 'await', what: 'message' },
      { do: 'wait', for: 500 },
      { do: 'receipt', mark: 'delivered' },
      { do: 'wait', for: 500 },
      { do: 'receipt', mark: 'read' }
    ])
    await chat.send('thread', { text: 'Hello' })
    const states = new Set<string | undefined>()
    for (let i = 0; i < 50; i++) {
      await pass(50)
      states.add(chat.$messages.get().thread?.entries[0]?.delivery)
    }
    expect([...states]).toEqual(['queued', 'sent', 'delivered', 'read'])
  })

  it('refuses the next command of a kind, and only that', async () => {
    const { chat } = await play([{ do: 'refuse', reason: 'too-long' }])
    await chat.identify({ name: 'Ada' })
    await chat.send('thread', { text: 'refused' })
    await chat.send('thread', { text: 'taken' })
    await pass(300)
    const said = chat.$messages
      .get()
      .thread!.entries.map(({ message, delivery, reason }) => [message.text, delivery, reason])
    expect(said).toContainEqual(['refused', 'failed', 'too-long'])
    expect(said).toContainEqual(['taken', 'sent', ''])
  })

  it('keeps acknowledgements back, though what was said is there', async () => {
    const { chat, transport } = await play([
      { do: 'acknowledge', is: false },
      { do: 'await', what: 'start' },
      { do: 'wait', for: 1000 },
      { do: 'acknowledge', is: true }
    ])
    await chat.start('thread')
    await pass(500)
    expect(chat.$status.get().waiting).toBe(1)
    await pass(1000)
    expect(chat.$status.get().waiting).toBe(0)
    await transport.ended
  })

  it.each([
    ['connecting', 'connecting'],
    ['catching-up', 'catching-up'],
    ['offline', 'waiting'],
    ['busy', 'waiting'],
    ['unauthorized', 'unauthorized'],
    ['forbidden', 'refused']
  ] as const)('has a link that is %s, and then up', async (is, state) => {
    const { chat } = await play([
      { do: 'link', is },
      { do: 'wait', for: 5000 },
      { do: 'link', is: 'up' }
    ])
    await pass(4000)
    expect(chat.$link.get().state).toBe(state)
    await pass(1000)
    chat.reconnect()
    await pass(3000)
    expect(chat.$link.get().state).toBe('online')
  })

  it('cuts a link that was up', async () => {
    const { chat } = await play([
      { do: 'wait', for: 500 },
      { do: 'link', is: 'offline' }
    ])
    const states = new Set<string>()
    chat.$link.subscribe(({ state }) => void states.add(state))
    await pass(1000)
    expect(states).toContain('online')
    expect(chat.$link.get().state).toBe('waiting')
  })

  it('has history that fails, comes late, and is there', async () => {
    const said = Array.from({ length: 60 }, (_, i): ScenarioStep => ({ do: 'say', text: `${i}` }))
    const { chat } = await play([
      ...said,
      { do: 'wait', for: 50 },
      { do: 'history', is: 'failing' },
      { do: 'await', what: 'typing' },
      { do: 'history', is: 'late' },
      { do: 'wait', for: 1000 },
      { do: 'history', is: 'there' }
    ])
    const count = () => chat.$messages.get().thread!.entries.length
    expect(count()).toBe(50)
    await expect(chat.older('thread')).rejects.toThrow('the script lets history fail')
    chat.typing('thread', true)
    await pass(50)
    const older = chat.older('thread')
    await pass(500)
    expect(count()).toBe(50)
    await pass(1000)
    await older
    expect(count()).toBe(60)
  })

  it('leaves a gap, and content that nobody knows', async () => {
    const { chat } = await play([
      { do: 'say', text: 'one', content: { type: 'hologram', depth: 3 } },
      { do: 'notice', code: 'joined', name: 'Ida' },
      { do: 'gap', before: 2 }
    ])
    expect(chat.$messages.get().thread?.entries).toMatchObject([
      { gap: false, message: { content: { type: 'hologram', depth: 3 } } },
      { gap: true, message: { author: 'system', content: { type: 'notice', code: 'joined', name: 'Ida' } } }
    ])
  })

  it.each([
    ['nothing', 'script: expected a list, got string'],
    [[{ do: 'dance' }], 'script[0].do: expected one of availability, say, notice, typing'],
    [[{ do: 'drop' }, { do: 'say' }], 'script[1].text: expected text, got undefined'],
    [[{ do: 'wait', for: -1 }], 'script[0].for: expected a whole number from 0'],
    [[{ do: 'wait', for: 1, ms: 1 }], 'script[0].ms: not known to wait, expected one of do, for'],
    [[{ do: 'say', text: '', by: { name: 'Ida' } }], 'script[0].by.picture: expected text'],
    [[{ do: 'link', is: 'down' }], 'script[0].is: expected one of up, connecting']
  ])('says which step is wrong, and what would be right: %j', (script, problem) => {
    expect(() => scenario(script as never)).toThrow(TypeError)
    expect(() => scenario(script as never)).toThrow(`scenario: ${problem}`)
  })
})

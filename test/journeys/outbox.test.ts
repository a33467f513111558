import { describe, expect, it } from 'vitest'
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/recovery.ts'
import type { OutboxRow } from '../../src/core/rows.ts'
import '../../src/core/sending.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { pass, rigs } from '../support/rig.ts'

const { make } = rigs()

const row = (id: string, n: number, more: Partial<OutboxRow> = {}): OutboxRow => ({
  command: { id, n, type: 'message', threadId: 't', text: `text ${id}`, attachments: [] },
  at: Date.now(),
  acked: null,
  failed: null,
  ...more
})
const texts = async (disk: ChatStorage) =>
  (await disk.list(['outbox'])).map(({ key, value }) => {
    const { command } = value as OutboxRow
    return [key[2], command.type === 'message' ? command.text : command.type]
  })

describe('retry', () => {
  it.each([0, 20, 40, 60, 80])(
    'loses nothing that was said, where the lane is numbered anew in that moment: after %i ms',
    async ms => {
      const transport = memoryTransport()
      const disk = memory()
      let slow = 0
      const storage: ChatStorage = {
        ...disk,
        async commit(changes) {
          if (slow) await new Promise(resolve => setTimeout(resolve, slow))
          await disk.commit(changes)
        }
      }
      const made = await make({ transport, storage })
      const { chat } = made
      const t = chat.newThread()
      await chat.send(t, { text: 'hello' })
      await pass(100)
      transport.offline(true)
      await pass(1000)
      const id = await chat.send(t, { text: 'with a file' })
      await chat.send(t, { text: 'behind it' })
      // Its file could not be uploaded: it has failed, and was never offered.
      const [failed] = (await disk.list(['outbox', t, 2])) as readonly { value: OutboxRow }[]
      await disk.commit([{ put: ['outbox', t, 2], value: { ...failed!.value, failed: { reason: 'file-lost' } } }])
      await pass(21_000)
      expect(chat.$status.get().waiting).toBe(1)
      slow = 50
      transport.offline(false)
      chat.reconnect()
      await pass(ms)
      const retried = chat.retry(id)
      await pass(10_000)
      await retried
      const said = transport.backend.history(await made.device(), t, undefined, 10)
      expect(said.map(({ text }) => text)).toEqual(['hello', 'behind it', 'with a file'])
    }
  )
})

describe('numbers', () => {
  it('are given to what has to be sent, also behind what was acknowledged and of which nothing was heard', async () => {
    const made = await make()
    const { chat, storage, transport } = made
    const t = chat.newThread()
    await chat.send(t, { text: 'one' })
    await pass(100)
    const device = await made.device()
    const { backend } = transport
    const [first] = backend.history(device, t, undefined, 1)
    transport.offline(true)
    // Acknowledged; its event was left out, and is where messages are missing. The backend, restored from a backup, has
    // lost the two after it.
    await storage.commit([
      { drop: ['message', t, 1] },
      {
        put: ['outbox', t, 1],
        value: {
          ...row(first!.id, 1),
          command: { ...row(first!.id, 1).command, threadId: t },
          acked: { position: 1, at: 1 }
        }
      },
      { put: ['lane', t], value: 3 }
    ])
    await pass(21_000)
    await chat.send(t, { text: 'four' })
    transport.offline(false)
    chat.reconnect()
    await pass(60_000)
    expect(backend.history(device, t, undefined, 10).map(({ text }) => text)).toEqual(['one', 'four'])
  })
})

describe('a disk', () => {
  it.each([
    ['its number is kept still', false],
    ['what kept its number has left', true]
  ])('that took late what was given up sends nothing that was taken back meanwhile, where %s', async (_, isOnline) => {
    const disk = memory()
    const transport = memoryTransport()
    transport.offline(true)
    let isSilent = false
    let isGone = false
    const late: (() => Promise<void>)[] = []
    const storage: ChatStorage = {
      durable: true,
      async list(...args) {
        if (isGone) throw new StorageError('lost', 'told to')
        return disk.list(...args)
      },
      async commit(changes) {
        if (isGone) throw new StorageError('lost', 'told to')
        if (!isSilent) return disk.commit(changes)
        late.push(() => disk.commit(changes))
        await new Promise(resolve => setTimeout(resolve, 2000))
        throw new StorageError('lost', 'silent')
      },
      close() {}
    }
    const { chat } = await make({ storage, transport })
    const t = chat.newThread()
    await chat.send(t, { text: 'before' })
    isSilent = true
    const second = chat.send(t, { text: 'in the trouble' })
    await pass(5000)
    await second
    const sent = chat.send(t, { text: 'taken back' })
    await pass(10_000)
    const id = await sent
    // The one that was given up last is done after all.
    isGone = true
    isSilent = false
    const undone = chat.undo(id)
    undone.catch(() => {})
    await pass(5000)
    await undone
    transport.offline(!isOnline)
    chat.reconnect()
    await pass(5000)
    await late.at(-1)!()
    isGone = false
    await pass(30_000)
    if (isOnline) {
      const [device] = await disk.list(['device'])
      const said = transport.backend.history(String(device!.value), t, undefined, 10)
      expect(said.map(({ text }) => text)).toEqual(['before', 'in the trouble'])
      expect(await texts(disk)).toEqual([])
      return
    }
    expect(chat.$status.get().storage).toBe('durable')
    expect(await texts(disk)).toEqual([
      [1, 'before'],
      [2, 'in the trouble'],
      [3, 'void']
    ])
  })
})

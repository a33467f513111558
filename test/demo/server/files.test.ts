import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFiles } from '../../../demo/server/files/files.ts'
import { memoryShelf, type Shelf } from '../../../demo/server/files/shelf.ts'
import { defaultLimits } from '../../../demo/server/limits.ts'
import type { Server } from '../../../demo/server/server.ts'
import type { Store } from '../../../demo/server/store/store.ts'
import { createId } from '../../../src/model/id.ts'
import type { Attachment } from '../../../src/model/message.ts'
import { fetchFile, PNG, upload } from './files.ts'
import { createRig, type Rig, type TestVisitor, visit } from './rig.ts'

let rig: Rig
let server: Server

beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(async () => {
  await rig.wipe()
  server = await rig.start()
})

describe('the bytes of a file', () => {
  /** A shelf that says what lies on it, and breaks when it is told to. */
  function watched() {
    const shelf = memoryShelf()
    const keys = new Set<string>()
    const state = { broken: false }
    const over: Shelf = {
      async put(key, source) {
        await shelf.put(key, source)
        keys.add(key)
      },
      take: shelf.take,
      async drop(key) {
        if (state.broken) throw new Error('the disk is gone')
        keys.delete(key)
        await shelf.drop(key)
      }
    }
    return { shelf: over, keys, state }
  }
  async function* words() {
    yield Buffer.from('words')
  }
  const file = () => ({ owner: createId(), id: createId(), name: 'a.txt', body: words() })

  it('are found again by the next sweep where one broke off', async () => {
    const { shelf, keys, state } = watched()
    const files = createFiles(rig.store, shelf, { ...defaultLimits, unsentFor: -1 })
    await files.take(file())
    await files.take(file())
    state.broken = true
    await expect(files.sweep()).rejects.toThrow('the disk is gone')
    expect(keys.size).toBe(2)
    state.broken = false
    await files.sweep()
    expect(keys.size).toBe(0)
    expect(await rig.store.query('SELECT key FROM files')).toEqual([])
  })

  it('do not stay where the store does not take down what they are', async () => {
    const { shelf, keys } = watched()
    const transaction = () => Promise.reject(new Error('the store is gone'))
    const files = createFiles({ ...rig.store, transaction }, shelf, defaultLimits)
    await expect(files.take(file())).rejects.toThrow('the store is gone')
    expect(keys.size).toBe(0)
  })

  it('do not stay where the server dies before it took down what they are', async () => {
    const { shelf, keys } = watched()
    const died = new Promise<never>(() => {})
    const store: Store = { ...rig.store, transaction: () => died }
    void createFiles(store, shelf, defaultLimits).take(file())
    await expect.poll(() => keys.size).toBe(1)
    const next = (unsentFor: number) => createFiles(rig.store, shelf, { ...defaultLimits, unsentFor })
    // Perhaps it has not died, and is only slow.
    await next(defaultLimits.unsentFor).sweep()
    expect(keys.size).toBe(1)
    await next(-1).sweep()
    expect(keys.size).toBe(0)
    expect(await rig.store.query('SELECT key FROM files')).toEqual([])
  })

  it('stay once where the same file is sent twice at once', async () => {
    const { shelf, keys } = watched()
    const files = createFiles(rig.store, shelf, defaultLimits)
    const same = file()
    const [first, second] = await Promise.all([files.take(same), files.take({ ...same, body: words() })])
    expect(second).toEqual(first)
    expect(keys.size).toBe(1)
    expect(await rig.store.query('SELECT key FROM files')).toEqual([{ key: [...keys][0] }])
  })
})

describe('a file that was erased', () => {
  const carry = (visitor: TestVisitor, attachment: unknown) =>
    visitor.send({ type: 'message', threadId: createId(), text: 'look', attachments: [attachment as Attachment] })

  it('is asked for again by whoever has kept it, and is gone then', async () => {
    const visitor = await visit(server)
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'a.png' })
    await carry(visitor, body)
    const { headers } = await fetchFile(server, body.url)
    const [, seconds] = /^private, max-age=(\d+)$/.exec(headers.get('cache-control')!)!
    expect(Number(seconds)).toBeLessThanOrEqual(3600)
    const kept = { 'if-none-match': headers.get('etag')! }
    const again = await fetchFile(server, body.url, kept)
    expect([again.status, await again.text()]).toEqual([304, ''])
    await visitor.send({ type: 'erase' })
    expect((await fetchFile(server, body.url, kept)).status).toBe(404)
  })

  it('cannot be sent once more, and is none of those that wait to be sent', async () => {
    server = await rig.start({}, { unsentFiles: 1 })
    const visitor = await visit(server)
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'a.png' })
    await carry(visitor, body)
    await visitor.send({ type: 'erase' })
    expect(await carry(visitor, body)).toMatchObject({ t: 'nack', reason: 'attachments' })
    expect((await upload(server, PNG, { device: visitor.device, name: 'b.png' })).status).toBe(200)
  })
})

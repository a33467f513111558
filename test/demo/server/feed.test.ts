import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProcessBus } from '../../../demo/server/bus/process.ts'
import { createConversations } from '../../../demo/server/conversations/conversations.ts'
import { moveConversations } from '../../../demo/server/conversations/move.ts'
import { createWrite } from '../../../demo/server/conversations/writing.ts'
import { createDevices, type Device } from '../../../demo/server/identity/devices.ts'
import { defaultLimits } from '../../../demo/server/limits.ts'
import { migrate } from '../../../demo/server/store/migrate.ts'
import type { Store } from '../../../demo/server/store/store.ts'
import type { Command, Deed } from '../../../src/model/command.ts'
import { createId } from '../../../src/model/id.ts'
import { everyKind } from './stores.ts'

describe.each(everyKind())('the feed, on $name', kind => {
  let store: Store | undefined

  beforeAll(async () => {
    store = await kind.open()
    if (!store) return
    await migrate(store)
    await store.query(`INSERT INTO agents (id, name, email, password, since) VALUES ('sam', 'Sam', 's', '', 0)`)
  }, 120_000)
  afterAll(async () => {
    await store?.close()
    await kind.close()
  })

  /** A process of its own over the same store: it has nothing at hand. */
  const open = () =>
    createConversations({
      store: store!,
      bus: createProcessBus(error => {
        throw error
      }),
      limits: defaultLimits
    })
  const arrive = async () => {
    const bus = createProcessBus(() => {})
    const devices = createDevices(createWrite(store!, bus), moveConversations)
    return (await devices.greet({ secret: createId(), term: 1, locale: '', zone: '' })) as Device
  }

  /** Everything after a number, page by page. */
  async function all(conversations: Awaited<ReturnType<typeof open>>, visitorId: string, from = 0) {
    const events = []
    for (let seq = from, more = true; more; ) {
      const page = await conversations.feed.after(visitorId, seq)
      events.push(...page.events)
      seq = page.seq
      more = page.more
    }
    return events
  }

  it('says the same from memory and from the store', async context => {
    if (!store) return context.skip()
    const here = await open()
    const { hash, visitorId } = await arrive()
    const threadId = createId()
    let n = 0
    const say = async (deed: Deed) => {
      const command = { ...deed, id: createId(), n: ++n } as Command
      const outcome = await here.accept({ device: hash, visitorId, term: 1, command })
      expect(outcome).toMatchObject({ accepted: true })
    }
    const message = (text: string) => say({ type: 'message', threadId, text, attachments: [] })
    const fromSam = (text: string) => here.acceptOfAgent('sam', { id: createId(), type: 'reply', threadId, text })

    await message('first')
    await here.markDelivered([{ visitorId, threadId, upTo: 1 }])
    await message('zero \0 and half \ud83c of a pair, and 🏮')
    await say({ type: 'start', threadId })
    await fromSam('hello')
    await say({ type: 'read', threadId, upTo: 4 })
    await say({ type: 'end', threadId, as: 'done' })
    await here.acceptOfAgent('sam', { id: createId(), type: 'state', threadId, state: 'closed' })
    await message('once more')
    await here.markDelivered([{ visitorId, threadId, upTo: 100 }])

    const elsewhere = await open()
    const told = await all(elsewhere, visitorId)
    expect(told.map(({ cursor }) => Number(cursor!.split('.')[1]))).toEqual(told.map((_, i) => i + 1))
    expect(told.filter(({ type }) => type === 'message')).toHaveLength(7)
    expect(told.filter(({ type }) => type === 'receipt')).toHaveLength(4)
    for (let from = 0; from < told.length; from++) {
      // A receipt says how far the marks have risen, now or when it was told; of that, the last one is what counts.
      const mine = await all(here, visitorId, from)
      const kept = (list: typeof told) => list.filter(({ type }) => type !== 'receipt')
      expect(kept(mine)).toEqual(kept(told.slice(from)))
      expect(mine.map(({ type, cursor }) => [type, cursor])).toEqual(
        told.slice(from).map(({ type, cursor }) => [type, cursor])
      )
      expect(mine.at(-1)).toEqual(told.at(-1))
    }
  })

  it('says what another process wrote in between', async context => {
    if (!store) return context.skip()
    const [here, elsewhere] = [await open(), await open()]
    const { hash, visitorId } = await arrive()
    const threadId = createId()
    for (let n = 1; n <= 6; n++) {
      const command = { id: createId(), n, type: 'message', threadId, text: `${n}`, attachments: [] } as const
      const by = n % 2 ? here : elsewhere
      await by.accept({ device: hash, visitorId, term: 1, command })
    }
    const texts = async (conversations: typeof here) =>
      (await all(conversations, visitorId)).flatMap(event => (event.type === 'message' ? event.message.text : []))
    expect(await texts(here)).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(await texts(elsewhere)).toEqual(['1', '2', '3', '4', '5', '6'])
  })
})

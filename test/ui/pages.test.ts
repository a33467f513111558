// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Standby, startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import type { Hint } from '../../src/model/command.ts'
import { mountMore } from '../../src/mount-more.ts'
import type { MountChatChoice } from '../../src/mount-options.ts'
import { type StillPage, stillPage, stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { tellPages } from '../../src/ui/pages.ts'

let told: Hint[]
let transport: ReturnType<typeof memoryTransport>
let storage: ReturnType<typeof memory>
let tabs: ReturnType<typeof stillTabs>
const open: Standby[] = []

beforeEach(() => {
  vi.useFakeTimers()
  told = []
  transport = memoryTransport()
  storage = { ...memory(), durable: true, close() {} }
  tabs = stillTabs()
  go('/lamps?coupon=SECRET#SECRET', 'Lamps')
})
afterEach(() => {
  for (const standby of open.splice(0)) standby.close()
  vi.useRealTimers()
})

/** Writes down what is hinted at. */
const heard: Transport = {
  name: 'heard',
  async connect(request) {
    const connection = await transport.connect(request)
    return { ...connection, hint: hint => void told.push(hint) }
  }
}
const go = (path: string, title: string) => {
  history.pushState(null, '', path)
  document.title = title
}
const pass = (milliseconds = 1000) => vi.advanceTimersByTimeAsync(milliseconds)
/** What was told: `path title` of each. */
const pages = () =>
  told.map(hint => (hint.type === 'visit' ? `${hint.url.replace(location.origin, '')} ${hint.title}` : hint))

interface Tab {
  readonly standby: Standby
  readonly page: StillPage
  /** Settles when the backend has it. */
  say(): Promise<void>
}

async function tab(durable = true): Promise<Tab> {
  const page = stillPage()
  const kept = { ...storage, durable }
  const standby = await startStandby({ options: { app: 'a', transport: heard }, storage: kept, page, tabs: tabs() })
  open.push(standby)
  tellPages(standby)
  const chat = talk(standby)
  chat.watch()
  await vi.waitFor(() => expect(standby.$link.get().state).toBe('online'), 5000)
  return {
    standby,
    page,
    async say() {
      await chat.send(chat.newThread(), { text: 'Hello' })
      await vi.waitFor(() => expect(standby.$threads.get()[0]?.last).toBe(1), 5000)
    }
  }
}

describe('the page a visitor is on', () => {
  test('is told of from their first message on, and then as it changes, without what may be a secret', async () => {
    const { standby, say } = await tab()
    await pass(30_000)
    expect(told).toEqual([])
    await say()
    await pass()
    expect(pages()).toEqual(['/lamps Lamps'])
    await pass(30_000)
    go('/lamps?page=2#more', 'Lamps')
    await pass()
    expect(pages()).toHaveLength(1)
    go('/basket', 'Basket')
    await pass()
    expect(pages()).toEqual(['/lamps Lamps', '/basket Basket'])
    expect(JSON.stringify(told)).not.toMatch(/SECRET|page=2/)
    standby.close()
    go('/lamps', 'Lamps')
    await pass(30_000)
    expect(pages()).toHaveLength(2)
  })

  test('is told again when the backend may have forgotten it', async () => {
    const { standby, page, say } = await tab()
    await say()
    await pass(3000)
    transport.drop()
    // Back before anybody has looked.
    await vi.waitFor(() => expect(standby.$link.get().state).toBe('waiting'), { timeout: 5000, interval: 1 })
    page.emit('online')
    await vi.waitFor(() => expect(standby.$link.get().state).toBe('online'), { timeout: 5000, interval: 1 })
    await vi.waitFor(() => expect(pages()).toEqual(['/lamps Lamps', '/lamps Lamps']), 5000)
  })

  test('is told again when the tab is seen again, for another one may have told of its page', async () => {
    const { page, say } = await tab()
    await say()
    await pass()
    page.emit('show')
    await pass()
    expect(pages()).toEqual(['/lamps Lamps', '/lamps Lamps'])
  })

  test('is told with the title it gets, but not with each that blinks', async () => {
    const { say } = await tab()
    go('/basket', 'Loading')
    await say()
    await pass()
    for (let i = 0; i < 30; i++) {
      document.title = i % 2 ? 'Basket' : '(1) Basket'
      await pass()
    }
    expect(pages()[0]).toBe('/basket Loading')
    expect(pages().length).toBeGreaterThan(1)
    expect(pages().length).toBeLessThan(5)
  })

  test('is the one of the tab that is seen, whichever holds the link', async () => {
    const first = await tab()
    await first.say()
    await pass()
    const second = await tab()
    second.page.visible = false
    await pass(5000)
    expect(pages()).toEqual(['/lamps Lamps'])
    first.page.visible = false
    second.page.visible = true
    second.page.emit('show')
    go('/basket', 'Basket')
    await pass(5000)
    expect(pages()).toEqual(['/lamps Lamps', '/basket Basket'])
  })

  test('is told to nobody while nothing may be kept', async () => {
    const { say } = await tab(false)
    await say()
    await pass(30_000)
    expect(told).toEqual([])
  })

  test('is no longer than the protocol takes', async () => {
    const { say } = await tab()
    go(`/${'x'.repeat(5000)}`, 'y'.repeat(500))
    await say()
    await pass()
    expect(told).toMatchObject([{ url: expect.stringMatching(/^.{2000}$/), title: 'y'.repeat(200) }])
  })
})

test('an option that is wrong is named', () => {
  const choice = { app: 'a', pages: 'yes' } as unknown as MountChatChoice
  expect(() => mountMore(choice, vi.fn())).toThrow('porchlight: option pages must be on or off, got "yes"')
})

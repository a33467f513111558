// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ChatOptions } from '../src/core/options.ts'
import { startStandby } from '../src/core/standby.ts'
import { talk } from '../src/core/talk.ts'
import { mountChosen } from '../src/mount-chat.ts'
import { checkMountChat } from '../src/mount-options.ts'
import { stillPage, stillTabs } from '../src/page/still.ts'
import { memory } from '../src/storage/memory.ts'
import type { ChatStorage } from '../src/storage/storage.ts'
import { memoryTransport } from '../src/testing/memory.ts'

/** What came of promises that nobody waits for. */
const unheard: unknown[] = []
const hear = (reason: unknown) => void unheard.push(reason)
beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nobody is there'))
  unheard.length = 0
  process.on('unhandledRejection', hear)
})
afterEach(() => {
  process.off('unhandledRejection', hear)
})

/** A widget whose chat is kept in `rows`; `closed` says whether it has let go of them. */
function put(rows: ChatStorage, closed = { yes: false }) {
  const { list, commit } = rows
  const openStandby = (options: ChatOptions) =>
    startStandby({
      options: { ...options, transport: memoryTransport() },
      storage: {
        ...rows,
        list: (...args) => (closed.yes ? memoryClosed() : list(...args)),
        commit: changes => (closed.yes ? memoryClosed() : commit(changes)),
        close() {
          closed.yes = true
        }
      },
      page: stillPage(),
      tabs: stillTabs()()
    })
  const reference = () => memoryTransport()
  return mountChosen(
    checkMountChat({ app: 'shop' }),
    async () => ({ openStandby, reference }),
    async () => false
  )
}

function memoryClosed(): Promise<never> {
  const closed = memory()
  closed.close()
  return closed.commit([]) as Promise<never>
}

it('says nothing to whoever comes next of whom the page had named before it signed out', async () => {
  const rows = memory()
  const widget = put(rows)
  widget.identify({ name: 'Ada', email: 'ada@example.com' })
  await widget.logout()
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(JSON.stringify(await rows.list([]))).not.toContain('Ada')
})

describe('a widget that is taken away', () => {
  it('finishes signing out first, and throws nothing into the page', async () => {
    const rows = memory()
    const before = talk(
      await startStandby({
        options: { app: 'shop', transport: memoryTransport() },
        storage: { ...rows, close() {} },
        page: stillPage(),
        tabs: stillTabs()()
      })
    )
    before.draft('t', 'of somebody')
    await before.choose('sound', 'off')
    before.close()
    expect(await rows.list(['choice'])).toHaveLength(1)

    const closed = { yes: false }
    const widget = put(rows, closed)
    void widget.logout()
    widget.destroy()
    await expect.poll(() => closed.yes).toBe(true)
    expect(await rows.list(['choice'])).toEqual([])
    expect(await rows.list(['draft'])).toEqual([])
    expect(unheard).toEqual([])
  })
})

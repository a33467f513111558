import { afterEach, expect, it, vi } from 'vitest'
import { createRows } from '../../src/core/rows.ts'
import { stillTabs } from '../../src/page/still.ts'
import { ladder } from '../../src/storage/consent.ts'
import { memory } from '../../src/storage/memory.ts'
// At hand, as it is where there is a chat.
import '../../src/core/holding.ts'

afterEach(() => vi.unstubAllGlobals())

it('keeps again what may be kept again, though the database could not be deleted while another tab held it', async () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  // As where a tab is frozen, that has it open: blocked for as long as that is so.
  const deleteDatabase = vi.fn(() => ({}))
  vi.stubGlobal('indexedDB', { deleteDatabase })
  const open = vi.fn(async () => ({ storage: { ...memory(), durable: true }, tabs: stillTabs()() }))
  const rungs = await ladder('persistent', { name: 'shop', given: undefined, open })
  const rows = createRows(rungs.storage, rungs.tabs)
  await rows.load()
  await rows.commit([{ put: ['choice', 'sound'], value: 'off' }])
  const consent = rungs.consent(rows.commit)
  const gone = vi.fn()
  void consent('none').then(gone)
  await consent('persistent')
  expect(open).toHaveBeenCalledTimes(2)
  expect(deleteDatabase).toHaveBeenCalledOnce()
  expect(gone).not.toHaveBeenCalled()
})

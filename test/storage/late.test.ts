import { describe, expect, it, vi } from 'vitest'
import { stillTabs } from '../../src/page/still.ts'
import type { TabNote } from '../../src/page/tabs.ts'
import { late } from '../../src/storage/late.ts'
import { memory } from '../../src/storage/memory.ts'
import type { Change, LateStorage } from '../../src/storage/storage.ts'

const LEAVING: Change = { put: ['leaving'], value: true }
const RESET = (life?: number): TabNote => ({ type: 'reset', life })
const ROWS = (life?: number): TabNote => ({ type: 'rows', keys: [], life })

/** A page whose disk has not answered so far, and another one of the same browser. */
function make() {
  const disk = { ...memory(), durable: true, close: vi.fn() }
  const open = stillTabs()
  const other = open()
  const told: TabNote[] = []
  other.listen(note => told.push(note))
  const { storage, tabs } = late({ storage: disk, tabs: open() })
  return {
    disk,
    other,
    told,
    storage: storage as LateStorage,
    tabs,
    join: () => storage.commit([{ put: ['draft', 't'], value: 'half' }])
  }
}

const settled = () => new Promise(resolve => setTimeout(resolve))

it('fails once, as its disk has just done, and answers from then on', async () => {
  const { storage, disk } = make()
  await disk.commit([{ put: ['device'], value: 'ours' }])
  await expect(storage.list(['device'])).rejects.toMatchObject({ name: 'StorageError', code: 'lost' })
  expect(await storage.list(['device'], { last: 1 })).toEqual([{ key: ['device'], value: 'ours' }])
  expect(await storage.list(['device'], { last: 0 })).toEqual([])
})

it('is durable once it has taken something, and not where it takes nothing', async () => {
  const { storage, disk, join } = make()
  const commit = vi.spyOn(disk, 'commit').mockRejectedValueOnce(new Error('silent'))
  await expect(join()).rejects.toThrow('silent')
  expect(storage.durable).toBe(false)
  await join()
  expect(storage.durable).toBe(true)
  expect(commit).toHaveBeenCalledTimes(2)
})

it('passes on what its disk loses, and closes it', () => {
  const { storage, disk } = make()
  const lost = vi.fn()
  storage.onLost = lost
  ;(disk as { onLost?: () => void }).onLost?.()
  expect(lost).toHaveBeenCalledOnce()
  storage.close()
  expect(disk.close).toHaveBeenCalledOnce()
})

describe('a signing out that broke off there', () => {
  const begun = async () => {
    const made = make()
    await made.disk.commit([LEAVING, { put: ['life'], value: 4 }, { put: ['draft', 't'], value: 'half' }])
    await made.storage.list(['device']).catch(() => {})
    return made
  }

  it('is ended as all is read for the first time', async () => {
    const { storage } = await begun()
    expect(await storage.list(['cursor'])).toEqual([])
    expect(await storage.list([])).toEqual([{ key: ['life'], value: 5 }])
  })

  it('is left alone by whoever reads a part', async () => {
    const { storage } = await begun()
    expect(await storage.list(['leaving'])).toHaveLength(1)
    expect(await storage.list(['draft'])).toHaveLength(1)
  })

  it('is left to the core once that has read it', async () => {
    const { storage, join } = await begun()
    await join()
    await storage.list(['cursor'])
    expect(await storage.list(['leaving'])).toHaveLength(1)
  })
})

describe('its tab', () => {
  it('leads at once, and hears that it does not when it joins the others', async () => {
    const { tabs, other, join } = make()
    await other.lead(new AbortController().signal, () => {})
    const lost = vi.fn()
    await tabs.lead(new AbortController().signal, lost)
    expect(lost).not.toHaveBeenCalled()
    await join()
    await join()
    expect(lost).toHaveBeenCalledOnce()
  })

  it('waits for its turn to lead from then on, or takes it', async () => {
    const { tabs, other, join } = make()
    const deposed = vi.fn()
    await other.lead(new AbortController().signal, deposed)
    await join()
    const leads = vi.fn()
    void tabs.lead(new AbortController().signal, () => {}).then(leads)
    await settled()
    expect(leads).not.toHaveBeenCalled()
    await tabs.lead(new AbortController().signal, () => {}, true)
    expect(deposed).toHaveBeenCalledOnce()
  })

  it('tells others nothing but that somebody signs out, in the life that is on the disk', async () => {
    const { tabs, told, disk } = make()
    await disk.commit([
      { put: ['life'], value: 3 },
      { put: ['device'], value: 'ours' }
    ])
    tabs.tell(ROWS(1))
    tabs.tell({ type: 'holds' })
    tabs.tell(RESET())
    await settled()
    expect(told).toEqual([RESET(3)])
  })

  it('does not say so where the disk does not tell whose life it is, and says it where there was none', async () => {
    const { tabs, told, disk } = make()
    vi.spyOn(disk, 'list').mockRejectedValueOnce(new Error('silent'))
    tabs.tell(RESET(1))
    await settled()
    expect(told).toEqual([])
    tabs.tell(RESET(1))
    await settled()
    expect(told).toEqual([RESET()])
  })

  it('tells and hears everything from then on', async () => {
    const { tabs, told, other, join } = make()
    const heard = vi.fn()
    tabs.listen(heard)
    other.tell(ROWS(1))
    expect(heard).not.toHaveBeenCalled()
    await join()
    for (const note of [ROWS(7), RESET(7)]) {
      tabs.tell(note)
      other.tell(note)
      expect(told.at(-1)).toEqual(note)
      expect(heard).toHaveBeenLastCalledWith(note)
    }
  })

  it('hears nothing where nobody listens any more', async () => {
    const { tabs, other, join } = make()
    const heard = vi.fn()
    tabs.listen(heard)()
    await join()
    other.tell(ROWS(1))
    expect(heard).not.toHaveBeenCalled()
  })
})

describe('the last life that whoever signs out there can be in', () => {
  const ended = (...happens: readonly (TabNote | 'signs out')[]) => {
    const { tabs, other, storage } = make()
    tabs.listen(() => {})
    for (const what of happens) {
      if (what === 'signs out') tabs.tell(RESET())
      else other.tell(what)
    }
    return storage.ended
  }

  it.each<[string, number, ...(TabNote | 'signs out')[]]>([
    ['any, where no other tab has told of one', Number.POSITIVE_INFINITY, 'signs out', { type: 'holds' }],
    ['any, as long as nobody signs out', Number.POSITIVE_INFINITY, ROWS(2)],
    ['the one that others are in', 2, ROWS(1), ROWS(2), 'signs out'],
    ['the first one', 0, ROWS(), 'signs out'],
    ['the one that others leave', 1, RESET(1), 'signs out', ROWS(2)],
    ['the first of which it hears later', 3, 'signs out', RESET(3), ROWS(4)],
    ['that of the first time, though it is said again', 1, ROWS(1), 'signs out', ROWS(2), 'signs out']
  ])('is %s', (_, expected, ...happens) => {
    expect(ended(...happens)).toBe(expected)
  })

  it('is over where the disk has a later one: nobody is told then', async () => {
    const { tabs, other, told, disk } = make()
    tabs.listen(() => {})
    await disk.commit([{ put: ['life'], value: 2 }])
    other.tell(RESET(1))
    tabs.tell(RESET())
    await settled()
    expect(told).toEqual([])
    await disk.commit([{ put: ['life'], value: 1 }])
    tabs.tell(RESET())
    await settled()
    expect(told).toEqual([RESET(1)])
  })
})

it('is alone where nothing is kept, and keeps what there is', async () => {
  const storage = memory()
  const open = stillTabs()
  const other = open()
  const heard = vi.fn()
  other.listen(heard)
  await other.lead(new AbortController().signal, () => {})
  const place = late({ storage, tabs: open() })
  expect(place.storage).toBe(storage)
  await place.tabs.lead(new AbortController().signal, () => {})
  place.tabs.tell(RESET(1))
  const stop = place.tabs.listen(heard)
  other.tell(RESET(1))
  stop()
  expect(heard).not.toHaveBeenCalled()
})

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createDevice } from '../../src/core/device.ts'
import { createRows, type Rows } from '../../src/core/rows.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'

let disk: ChatStorage
let rows: Rows
beforeEach(() => {
  disk = memory()
  rows = createRows(disk, stillTabs()())
})

describe('a device', () => {
  it('keeps the name that it has, and writes it once', async () => {
    const device = createDevice(rows)
    const name = await device.id()
    expect(await disk.list(['device'])).toEqual([{ key: ['device'], value: name }])
    const commit = vi.spyOn(disk, 'commit')
    expect(await device.id()).toBe(name)
    expect(commit).not.toHaveBeenCalled()
  })

  it('has a name of its own for each browser', async () => {
    const other = createDevice(createRows(memory(), stillTabs()()))
    expect(await createDevice(rows).id()).not.toBe(await other.id())
  })

  it('is called as another tab calls it, as long as no disk has a name', async () => {
    const device = createDevice(rows)
    device.heard = 'as heard'
    expect(await device.id()).toBe('as heard')
    device.heard = 'as heard later'
    expect(await device.id()).toBe('as heard')
  })

  it('has no name yet in a life that has just begun, nor credentials', () => {
    const device = createDevice(rows)
    expect(device.heard).toBeUndefined()
    expect(device.credentials()).toBeUndefined()
  })

  it('counts its terms on the disk, so that a reload goes on', async () => {
    await createDevice(rows).nextTerm()
    expect(await createDevice(createRows(disk, stillTabs()())).nextTerm()).toBe(2)
    expect(await disk.list(['term'])).toEqual([{ key: ['term'], value: 2 }])
  })

  it('says so when nothing can be stored, instead of trying for ever', async () => {
    rows.close()
    await expect(createDevice(rows).id()).rejects.toMatchObject({ code: 'lost' })
  })
})

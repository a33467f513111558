import { isStorageError } from '../storage/errors.ts'
import type { ChatStorage } from '../storage/storage.ts'
import { check, failure, same } from './assert.ts'

/** Opens the storage under test: calls with one name see the same rows, after a `close` too if it is durable. */
export type OpenStorageUnderTest = (name: string) => ChatStorage | Promise<ChatStorage>

const keys = (rows: readonly { readonly key: unknown }[]) => rows.map(({ key }) => key)
const code = (error: unknown) => (isStorageError(error) ? error.code : error)

/** What every storage must do, one test a line: `for (const [title, run] of storageContract) it(title, () => run(open))`. */
export const storageContract: readonly (readonly [string, (open: OpenStorageUnderTest) => Promise<void>])[] = [
  [
    'lists rows by prefix, in key order, and not the prefix of a part',
    async open => {
      const storage = await open('order')
      const put = [['b'], ['a', 2], ['a', 'x'], ['a', 10], ['ab', 1], ['a'], ['a', 2, 'deep']]
      await storage.commit(put.map(key => ({ put: key, value: key.join('.') })))
      const expected = [['a'], ['a', 2], ['a', 2, 'deep'], ['a', 10], ['a', 'x']]
      same(keys(await storage.list(['a'])), expected, 'rows under a')
      same(keys(await storage.list([])).length, put.length, 'all rows')
      same(await storage.list(['c']), [], 'rows under nothing')
      storage.close()
    }
  ],
  [
    'reads backwards from an end',
    async open => {
      const storage = await open('backwards')
      await storage.commit(Array.from({ length: 9 }, (_, i) => ({ put: ['m', 't', i + 1], value: i + 1 })))
      await storage.commit([{ put: ['m', 'u', 1], value: 0 }])
      const values = async (page: object) => (await storage.list(['m', 't'], page)).map(({ value }) => value)
      same(await values({ last: 3 }), [7, 8, 9], 'the last three')
      same(await values({ before: ['m', 't', 4], last: 2 }), [2, 3], 'two before the fourth')
      same(await values({ before: ['m', 't', 4] }), [1, 2, 3], 'all before the fourth')
      same(await values({ before: ['m', 't', 1], last: 5 }), [], 'before the first')
      same(await values({ last: 0 }), [], 'none')
      storage.close()
    }
  ],
  [
    'applies changes in their order, later ones win',
    async open => {
      const storage = await open('later')
      await storage.commit([
        { put: ['a'], value: 1 },
        { put: ['a'], value: 2 },
        { put: ['b'], value: 1 },
        { drop: ['b'] },
        { drop: ['never there'] }
      ])
      same(await storage.list([]), [{ key: ['a'], value: 2 }], 'rows')
      storage.close()
    }
  ],
  [
    'drops a row with all below it, or everything',
    async open => {
      const storage = await open('below')
      const put = [['a'], ['a', 'b'], ['a', 'b', 1], ['a', 'bc'], ['b']]
      await storage.commit(put.map(key => ({ put: key, value: 1 })))
      await storage.commit([{ drop: ['a', 'b'] }, { put: ['a', 'b', 2], value: 1 }])
      same(keys(await storage.list([])), [['a'], ['a', 'b', 2], ['a', 'bc'], ['b']], 'rows')
      await storage.commit([{ drop: [] }, { put: ['c'], value: 1 }])
      same(keys(await storage.list([])), [['c']], 'rows after dropping everything')
      storage.close()
    }
  ],
  [
    'commits all or nothing',
    async open => {
      const storage = await open('atomic')
      await storage.commit([{ put: ['n'], value: 1 }])
      const error = await failure(
        storage.commit([
          { put: ['x'], value: 1 },
          { drop: ['n'] },
          { expect: ['n'], value: 7 },
          { put: ['y'], value: 1 }
        ]),
        'a commit whose condition does not hold'
      )
      same(code(error), 'taken', 'its code')
      same(await storage.list([]), [{ key: ['n'], value: 1 }], 'rows after it')
      storage.close()
    }
  ],
  [
    'expects a value, or that there is none',
    async open => {
      const storage = await open('expect')
      await storage.commit([
        { expect: ['n'], value: undefined },
        { put: ['n'], value: 1 }
      ])
      await storage.commit([
        { expect: ['n'], value: 1 },
        { put: ['n'], value: 2 }
      ])
      same(code(await failure(storage.commit([{ expect: ['n'], value: undefined }]), 'row is there')), 'taken', 'code')
      same(code(await failure(storage.commit([{ expect: ['o'], value: 1 }]), 'row is missing')), 'taken', 'code')
      storage.close()
    }
  ],
  [
    'gives a number to one of many who ask at once',
    async open => {
      const storage = await open('race')
      const take = async (who: number) => {
        try {
          await storage.commit([
            { expect: ['n'], value: undefined },
            { put: ['n'], value: who }
          ])
          return 1
        } catch (error) {
          same(code(error), 'taken', 'code of those who were late')
          return 0
        }
      }
      const won = await Promise.all(Array.from({ length: 8 }, (_, who) => take(who)))
      same(
        won.reduce<number>((sum, one) => sum + one, 0),
        1,
        'winners'
      )
      storage.close()
    }
  ],
  [
    'keeps copies, not the objects it was given or gives',
    async open => {
      const storage = await open('copies')
      const value = { list: [1] }
      const commit = storage.commit([{ put: ['v'], value }])
      value.list.push(2)
      await commit
      const [row] = await storage.list(['v'])
      ;(row!.value as typeof value).list.push(3)
      same((await storage.list(['v']))[0]?.value, { list: [1] }, 'stored value')
      storage.close()
    }
  ],
  [
    'keeps nothing of a commit with a value that cannot be copied',
    async open => {
      const storage = await open('uncopyable')
      await failure(
        storage.commit([
          { put: ['a'], value: 1 },
          { put: ['f'], value: () => {} }
        ]),
        'storing a function'
      )
      same(await storage.list([]), [], 'rows')
      storage.close()
    }
  ],
  [
    'keeps its rows over a close, if it is durable',
    async open => {
      const storage = await open('durable')
      await storage.commit([{ put: ['a'], value: 1 }])
      storage.close()
      const again = await open('durable')
      if (storage.durable) same(await again.list([]), [{ key: ['a'], value: 1 }], 'rows')
      again.close()
    }
  ],
  [
    'rejects everything after close',
    async open => {
      const storage = await open('closed')
      await storage.list([])
      storage.close()
      same(code(await failure(storage.list([]), 'list')), 'lost', 'code of list')
      same(code(await failure(storage.commit([{ put: ['a'], value: 1 }]), 'commit')), 'lost', 'code of commit')
    }
  ],
  [
    'keeps names apart',
    async open => {
      const one = await open('one')
      const two = await open('two')
      await one.commit([{ put: ['a'], value: 1 }])
      check((await two.list([])).length === 0, 'a row of one name shows in another')
      one.close()
      two.close()
    }
  ]
]

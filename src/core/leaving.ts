import type { Key } from '../storage/storage.ts'
import type { Rows } from './rows.ts'

/** Ends the life of whoever was here: drops all rows there are, and begins another one. */
export async function empty(rows: Rows): Promise<void> {
  const drops = async () => {
    const all = (await rows.list([] as never)) as readonly { readonly key: Key }[]
    return all.flatMap(({ key }) => (key[0] === 'life' ? [] : [{ drop: key }]))
  }
  const life = rows.life()
  try {
    await rows.commit(async () => [{ put: ['life'], value: (life ?? 0) + 1 }, ...(await drops())])
  } catch (error) {
    if (rows.life() === life) throw error
    // Another tab did it.
    return
  }
  // What other tabs wrote in between.
  await rows.commit(drops)
}

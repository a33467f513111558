import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Where the bytes of files lie. Keys are made here, so they are safe to be names of files. */
export interface Shelf {
  /** Settles when all of it is durable; if it does not come to its end, nothing of it stays. */
  put(key: string, source: AsyncIterable<Uint8Array>): Promise<void>
  take(key: string): Promise<Readable | undefined>
  drop(key: string): Promise<void>
}

/** @param folder Made if it is not there. Several processes may share it. */
export function openFolder(folder: string): Shelf {
  mkdirSync(folder, { recursive: true })
  // What was begun long ago was begun by a process that died.
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name.endsWith(PART) && Date.now() - statSync(path).mtimeMs > DAY) rmSync(path, { force: true })
  }
  const at = (key: string) => join(folder, key)
  return {
    async put(key, source) {
      // Under another name until it is whole: whoever dies in between leaves nothing that could be taken for a file.
      const part = `${at(key)}${PART}`
      try {
        await pipeline(source, createWriteStream(part))
        const file = await open(part, 'r+')
        await file.sync().finally(() => file.close())
        await rename(part, at(key))
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
    },
    async take(key) {
      const found = await stat(at(key)).catch(() => undefined)
      return found && createReadStream(at(key))
    },
    drop: key => rm(at(key), { force: true })
  }
}

const PART = '.part'
const DAY = 24 * 3_600_000

/** For tests: gone with the process. */
export function memoryShelf(): Shelf {
  const all = new Map<string, Buffer>()
  return {
    async put(key, source) {
      const parts: Uint8Array[] = []
      for await (const part of source) parts.push(part)
      all.set(key, Buffer.concat(parts))
    },
    async take(key) {
      const bytes = all.get(key)
      return bytes && Readable.from([bytes])
    },
    async drop(key) {
      all.delete(key)
    }
  }
}

/** Small JSON values under one prefix in the browser's own storage. Never throws: where storage is refused, it is empty. */
export interface Shelf {
  get(key: string): unknown
  /** Whether the value is stored now. */
  put(key: string, value: unknown): boolean
  drop(key: string): void
  /** The values of all keys that start so, in no order. */
  list(start: string): readonly unknown[]
}

/** `open` is called once: merely naming `localStorage` throws where a browser forbids it. */
export function createShelf(open: () => Storage, prefix: string): Shelf {
  let storage: Storage | undefined
  try {
    storage = open()
  } catch {
    /* refused: nothing is kept, and `put` says so */
  }

  function read(key: string): unknown {
    try {
      const raw = storage?.getItem(key) ?? null
      return raw === null ? undefined : JSON.parse(raw)
    } catch {
      /* not ours, or damaged: the same as not there */
      return undefined
    }
  }

  return {
    get: key => read(prefix + key),
    put(key, value) {
      try {
        if (!storage) return false
        storage.setItem(prefix + key, JSON.stringify(value))
        return true
      } catch {
        /* full: the caller keeps it in memory */
        return false
      }
    },
    drop(key) {
      try {
        storage?.removeItem(prefix + key)
      } catch {
        /* refused: then there was nothing to remove */
      }
    },
    list(start) {
      const keys = Array.from({ length: storage?.length ?? 0 }, (_, i) => storage?.key(i))
      return keys.filter(key => key?.startsWith(prefix + start)).map(key => read(key!))
    }
  }
}

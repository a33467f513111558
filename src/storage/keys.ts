import { StorageError } from './errors.ts'
import type { Key } from './storage.ts'

/** The error of an `expect` that did not hold. */
export function taken(key: Key): StorageError {
  return new StorageError('taken', `row ${JSON.stringify(key)} has changed`)
}

export function startsWith(key: Key, prefix: Key): boolean {
  return prefix.every((part, i) => key[i] === part)
}

/** The order of IndexedDB: numbers before strings, a prefix before what it begins. */
export function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i]!
    const y = b[i]!
    if (x !== y) return typeof x === typeof y ? (x < y ? -1 : 1) : typeof x === 'number' ? -1 : 1
  }
  return a.length - b.length
}

/**
 * - `taken`: an `expect` did not hold; read again and try again.
 * - `full`: no room; the quota of this site is used up.
 * - `lost`: there is no database for us: closed, deleted under us, silent, or never there.
 */
export type StorageErrorCode = 'taken' | 'full' | 'lost'

/** The only error a storage throws. Tell them apart by `code`. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  declare readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Works across bundles and realms, where `instanceof` does not. */
export function isStorageError(error: unknown): error is StorageError {
  return (error as { name?: unknown } | undefined)?.name === 'StorageError'
}

/** What is pushed comes out in batches: everything that arrived while the reader was busy with the batch before. */
export interface Queue<T> extends AsyncIterable<readonly T[]> {
  push(...items: readonly T[]): void
  /** After what is in the queue has come out, the reader gets this error. The first call wins. */
  fail(error: unknown): void
}

export function createQueue<T>(): Queue<T> {
  let items: T[] = []
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined

  return {
    push(...more) {
      if (failure) return
      items.push(...more)
      wake?.()
    },
    fail(error) {
      failure ??= { error }
      wake?.()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        if (items.length) {
          const batch = items
          items = []
          yield batch
        } else if (failure) {
          throw failure.error
        } else {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
      }
    }
  }
}

/** A controller that is aborted together with `parent`, and lets go of it when it is aborted itself. */
export function linked(parent: AbortSignal): AbortController {
  const child = new AbortController()
  const stop = () => child.abort(parent.reason)
  if (parent.aborted) stop()
  else parent.addEventListener('abort', stop, { signal: child.signal })
  return child
}

/**
 * Waits until `begin` calls what it is given; rejects with the signal's reason if that comes first. What `begin`
 * returns is called at the end of the waiting, however it ended.
 */
export async function until(signal: AbortSignal, begin: (done: () => void) => (() => void) | undefined): Promise<void> {
  const given = linked(signal)
  let end: (() => void) | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      given.signal.addEventListener('abort', () => reject(signal.reason))
      end = begin(resolve)
    })
  } finally {
    given.abort()
    end?.()
  }
}

/**
 * A controller that is aborted together with `parent`, and lets go of it when it is aborted itself: to the listener it is
 * options with a `signal`.
 */
export function linked(parent: AbortSignal): AbortController {
  const child = new AbortController()
  const stop = () => child.abort(parent.reason)
  if (parent.aborted) stop()
  else parent.addEventListener('abort', stop, child)
  return child
}

/**
 * Waits until `begin` calls what it is given, or for `most` milliseconds; rejects with the signal's reason if that comes
 * first. What `begin` returns is called at the end of the waiting, however it ended.
 */
export async function until(
  signal: AbortSignal,
  begin?: ((done: () => void) => (() => void) | undefined) | undefined,
  most?: number
): Promise<void> {
  signal.throwIfAborted()
  const given = linked(signal)
  let timer: ReturnType<typeof setTimeout> | undefined
  let end: (() => void) | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      given.signal.addEventListener('abort', () => reject(signal.reason))
      if (most !== undefined) timer = setTimeout(resolve, most)
      end = begin?.(resolve)
    })
  } finally {
    given.abort()
    clearTimeout(timer)
    end?.()
  }
}

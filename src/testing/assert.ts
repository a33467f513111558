/** What the contracts check with, so that they run under any test runner or none. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`contract: ${what}`)
}

/** Both written as JSON are the same. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  check(a === b, `${what}: expected ${b}, got ${a}`)
}

/** The error that `work` rejects with. */
export async function failure(work: Promise<unknown>, what: string): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error(`contract: ${what}: expected it to fail, but it did not`)
}

/** Fails when `work` takes longer than `ms`; contracts must not hang on an adapter that never answers. */
export async function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`contract: ${what}: nothing happened within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Milliseconds since 1970 with fractions, the same in every process of this machine. */
export const now = (): number => performance.timeOrigin + performance.now()

export const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/**
 * Waits until nothing is left, or nothing has changed for so many milliseconds: what is slow is late, but not lost.
 *
 * @returns What is left after all.
 */
export async function dwindled(left: () => number, patience: number): Promise<number> {
  let known = left()
  for (let changed = performance.now(); known > 0 && performance.now() - changed < patience; ) {
    await pause(5)
    if (left() === known) continue
    known = left()
    changed = performance.now()
  }
  return known
}

/** Does `work` with everything in the list, so many at a time. */
export async function together<Item>(
  list: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>
): Promise<void> {
  const left = list.values()
  const worker = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

import type { ChatStorage } from './storage.ts'

/** Ends a signing out that broke off there: what comes next is of somebody else, and must not be mixed with what there is. */
export async function endLeaving(storage: ChatStorage): Promise<void> {
  // First: where another page ends it meanwhile, this is over.
  const [life] = await storage.list(['life'])
  if (!(await storage.list(['leaving'])).length) return
  await storage.commit([
    { expect: ['life'], value: life?.value as number | undefined },
    { drop: [] },
    { put: ['life'], value: Number(life?.value ?? 0) + 1 }
  ])
}

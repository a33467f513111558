import type { Tabs } from '../page/tabs.ts'
import type { ChatStorage } from './storage.ts'

/** Rows, and the tabs that share them. */
export interface Shared {
  readonly storage: ChatStorage
  readonly tabs: Tabs
}

/** The storage, and those who share it: where it keeps nothing, or does not work yet, the tab is alone. */
export async function openStorage(storage: ChatStorage, tabs: Tabs): Promise<Shared> {
  try {
    await storage.list(['life'])
    if (storage.durable) {
      storage.finish = app => import('./claim.ts').then(late => late.endClaim(app, tabs))
      return { storage, tabs }
    }
  } catch {
    // Nothing is lost: there is nothing yet. `durable: false` is how the interface comes to say so.
  }
  return (await import('./late.ts')).late({ storage, tabs })
}

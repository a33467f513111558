import type { Tabs } from '../page/tabs.ts'
import type { ChatStorage } from './storage.ts'

/** Rows, and the tabs that share them. */
export interface Shared {
  readonly storage: ChatStorage
  readonly tabs: Tabs
  /** Who signed in and has not taken all of this along yet: their page was left meanwhile. */
  readonly claimed?: string | undefined
}

/** The storage, and those who share it: where it keeps nothing, or does not work yet, the tab is alone. */
export async function openStorage(storage: ChatStorage, tabs: Tabs): Promise<Shared> {
  try {
    const [claimed] = await storage.list(['claimed'])
    if (storage.durable) return { storage, tabs, claimed: claimed?.value as string | undefined }
  } catch {
    // Nothing is lost: there is nothing yet. `durable: false` is how the interface comes to say so.
  }
  return (await import('./late.ts')).late({ storage, tabs })
}

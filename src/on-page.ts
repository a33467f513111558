import type { ChatOptions } from './core/options.ts'
import { type Standby, startStandby } from './core/standby.ts'
import { browserPage } from './page/browser.ts'
import { browserTabs } from './page/browser-tabs.ts'
import type { Page } from './page/page.ts'
import type { Tabs } from './page/tabs.ts'
import { idb } from './storage/idb.ts'
import { openStorage, type Shared } from './storage/open.ts'
import { databaseName } from './storage/probe.ts'
import type { ChatStorage } from './storage/storage.ts'
import { eager } from './transport/eager.ts'
import type { Transport } from './transport/transport.ts'
import { websocket } from './transport/websocket.ts'

/**
 * The reference server, in every way that leads there: a socket, and where none gets through an event stream or
 * requests, whose code is fetched only then.
 *
 * @param api Base address, such as `https://chat.example/api`.
 */
export function reference(api: string): Transport {
  const socket = websocket(`${api}/socket`)
  return eager(socket, async () => (await import('./transport/rest.ts')).withRest(socket, api))
}

/** Parts that are chosen for you: give one to choose another. */
export interface Parts {
  /** Default: IndexedDB, or memory where that does not work. */
  readonly storage?: ChatStorage
  /** Default: this page; on a server one where nothing happens. */
  readonly page?: Page
  /** Default: the tabs of this browser; on a server none. */
  readonly tabs?: Tabs
}

/** Where the rows of a chat are kept until they are deleted, and the tabs that share them. */
export async function openPlace(options: ChatOptions & Parts): Promise<Shared> {
  const { app, identity } = options
  const name = databaseName(app, identity)
  let place = await openStorage(options.storage ?? idb(name), browserTabs(name))
  if (identity) place = await (await import('./storage/claim.ts')).claim(place, app, browserTabs, identity)
  return { storage: place.storage, tabs: options.tabs ?? place.tabs }
}

/** A chat in a browser that listens, with the options taken as they are: what is loaded when there is a reason to. */
export async function openStandby(options: ChatOptions & Parts, place = openPlace(options)): Promise<Standby> {
  return startStandby({ options, page: options.page ?? browserPage(), ...(await place) })
}

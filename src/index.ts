import type { Chat } from './core/chat.ts'
import { type ChatOptions, checkOptions } from './core/options.ts'
import { startChat } from './core/start.ts'
import { browserPage } from './page/browser.ts'
import { browserTabs } from './page/browser-tabs.ts'
import type { Page } from './page/page.ts'
import { stillPage, stillTabs } from './page/still.ts'
import type { Tabs } from './page/tabs.ts'
import { memory } from './storage/memory.ts'
import { openStorage } from './storage/open.ts'
import { databaseName } from './storage/probe.ts'
import type { ChatStorage } from './storage/storage.ts'

export type { Chat, ChatEvents, Entry, LinkState, Status, Timeline, Typist } from './core/chat.ts'
export type { ChatOptions } from './core/options.ts'
export type { Availability } from './model/availability.ts'
export type { Command, Deed, Hint } from './model/command.ts'
export type { Cursor, ServerEvent } from './model/event.ts'
export { createId } from './model/id.ts'
export type {
  Attachment,
  Author,
  Content,
  Delivery,
  Message,
  MessageId,
  Notice,
  NoticeCode,
  Person
} from './model/message.ts'
export type { EndReason, Session, SessionState } from './model/session.ts'
export { isLive, isRateable } from './model/session.ts'
export type { Thread, ThreadId } from './model/thread.ts'
export type { DeviceId, Visitor } from './model/visitor.ts'
export type { Page, PageEvent } from './page/page.ts'
export { stillPage, stillTabs } from './page/still.ts'
export type { TabNote, Tabs } from './page/tabs.ts'
export { isStorageError, StorageError, type StorageErrorCode } from './storage/errors.ts'
export { idb } from './storage/idb.ts'
export { memory } from './storage/memory.ts'
export type { Change, ChatStorage, Key, Row, StoragePage } from './storage/storage.ts'
export { askAvailability } from './transport/availability.ts'
export { isTransportError, type Retry, TransportError, type TransportErrorCode } from './transport/errors.ts'
export type {
  Ack,
  AskAvailability,
  Capabilities,
  Connection,
  ConnectRequest,
  HistoryPage,
  HistoryRequest,
  SendOptions,
  Transport,
  Upload
} from './transport/transport.ts'
export { type WebSocketOptions, websocket } from './transport/websocket.ts'

/** Parts that are chosen for you: give one to choose another. */
export interface Parts {
  /** Default: IndexedDB, or memory where that does not work. */
  readonly storage?: ChatStorage
  /** Default: this page; on a server one where nothing happens. */
  readonly page?: Page
  /** Default: the tabs of this browser; on a server none. */
  readonly tabs?: Tabs
}

/**
 * A chat without an interface. Settles when everything stored on this device is loaded, whether there is a network
 * or not.
 *
 * On a server it works from memory and never connects, so that code shared by both sides needs no check.
 *
 * ```ts
 * const chat = await createChat({ app: 'shop', transport: websocket('wss://chat.example/api/socket') })
 * const unbind = chat.watch()
 * await chat.send(chat.newThread(), { text: 'Is anybody home?' })
 * ```
 *
 * @throws {TypeError} That names the option that is wrong, what came and what would be right.
 */
export async function createChat(options: ChatOptions & Parts): Promise<Chat> {
  checkOptions(options)
  const { app } = options
  const onPage = typeof document !== 'undefined'
  return startChat({
    options: onPage || options.page ? options : { ...options, transport: nowhere },
    storage: options.storage ?? (onPage ? await openStorage(databaseName(app)) : memory()),
    page: options.page ?? (onPage ? browserPage() : stillPage()),
    tabs: options.tabs ?? (onPage ? browserTabs(databaseName(app)) : stillTabs()())
  })
}

/** For servers: a backend that is never asked. */
const nowhere = { name: 'none', connect: () => new Promise<never>(() => {}) }

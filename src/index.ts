import type { Chat } from './core/chat.ts'
import { countingOn } from './core/numbers.ts'
import { type ChatOptions, checkOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import { talk } from './core/talk.ts'
import { openPlace, openStandby, type Parts } from './on-page.ts'
import { stillPage, stillTabs } from './page/still.ts'
import { memory } from './storage/memory.ts'
import { databaseName } from './storage/probe.ts'

export type { Chat, ChatEvents, ChatNumbers, Entry, LinkState, Status, Timeline, Typist } from './core/chat.ts'
export type { ChatOptions } from './core/options.ts'
export { type Numbers, type Tally, type Times, tally } from './core/tally.ts'
export { attach } from './model/attach.ts'
export type { Availability } from './model/availability.ts'
export type { Command, Deed, Hint } from './model/command.ts'
export type { Consent } from './model/consent.ts'
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
  Person,
  UploadLimits
} from './model/message.ts'
export type { EndReason, Session, SessionState } from './model/session.ts'
export { isLive, isRateable } from './model/session.ts'
export type { Thread, ThreadId } from './model/thread.ts'
export type { DeviceId, Visitor } from './model/visitor.ts'
export type { Parts } from './on-page.ts'
export type { Page, PageEvent } from './page/page.ts'
export { stillPage, stillTabs } from './page/still.ts'
export type { TabNote, Tabs } from './page/tabs.ts'
export { isStorageError, StorageError, type StorageErrorCode } from './storage/errors.ts'
export { idb } from './storage/idb.ts'
export { memory } from './storage/memory.ts'
export type { Change, ChatStorage, Key, Row, StoragePage } from './storage/storage.ts'
export { askAvailability } from './transport/availability.ts'
export { isTransportError, type Retry, TransportError, type TransportErrorCode } from './transport/errors.ts'
export { type FallbackOptions, fallback } from './transport/fallback.ts'
export type { HttpOptions } from './transport/http.ts'
export { polling } from './transport/polling.ts'
export { type SseOptions, sse } from './transport/sse.ts'
export type {
  Ack,
  AskAvailability,
  Capabilities,
  Connection,
  ConnectRequest,
  HistoryPage,
  HistoryRequest,
  Mailing,
  SendOptions,
  Transport,
  Upload
} from './transport/transport.ts'
export { type WebSocketOptions, websocket } from './transport/websocket.ts'

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
  const onPage = typeof document !== 'undefined'
  const still = { storage: memory(), page: stillPage(), tabs: stillTabs()(), ...options, transport: nowhere }
  if (!onPage) return whole(await openStandby(still))
  const { consent } = options
  if (!consent) return whole(await openStandby(options))
  const { openWithConsent } = await import('./consent.ts')
  return whole(
    await openWithConsent(
      { ...options, consent },
      { openPlace, openStandby },
      databaseName(options.app, options.identity)
    )
  )
}

/** The chat, which counts when somebody wants to know. */
function whole(standby: Standby): Chat {
  const chat = talk(standby)
  return { ...chat, on: countingOn(chat.on, async () => standby.wires) }
}

/** For servers: a backend that is never asked. */
const nowhere = { name: 'none', connect: () => new Promise<never>(() => {}) }

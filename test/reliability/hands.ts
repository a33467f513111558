import type { Chat } from '../../src/core/chat.ts'

/** What `pages/hands.js` puts on a page. */
interface Hands {
  mark(name: string): Promise<void>
  marked(name: string): Promise<boolean>
  open(threadId: string): Promise<void>
  write(texts: readonly string[]): Promise<void>
  watch(texts: readonly string[]): Promise<void>
  stored(...prefix: readonly string[]): Promise<readonly unknown[]>
  waiting(): Promise<readonly string[]>
  shown(): readonly string[]
  heard(): readonly string[]
  failed(): number
  banner(): string
  leads(): boolean
  remove(): Promise<number>
  upgrade(version: number): Promise<number>
  hold(): Promise<void>
  fill(): Promise<void>
  quiet(threadId: string, patience: number): Promise<Found>
}

interface Found {
  readonly waiting: readonly string[]
  readonly kept: readonly string[]
  readonly shown: readonly string[]
}

/** What `pages/breaks.js` notes. */
interface Seen {
  readonly shown: readonly { readonly persisted: boolean; readonly at: number }[]
  readonly opened: readonly number[]
  readonly attempts: number
}

declare global {
  /** Of the pages of these tests, not of the program that drives them. */
  var hands: Hands
  var seen: Seen
  /** On `chat.html` alone. */
  var chat: Chat
  var jump: (milliseconds: number) => void
  var release: () => void
}

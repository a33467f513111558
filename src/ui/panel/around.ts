import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Chat } from '../../core/chat.ts'
import type { Message } from '../../model/message.ts'
import type { ThreadId } from '../../model/thread.ts'
import type { Announcer } from '../announcer.ts'
import type { Look } from '../look.ts'
import type { Readable } from '../store.ts'
import type { StringKey, Strings, Words } from '../strings.ts'
import type { Times } from './times.ts'

/** What every part of the panel can reach. */
export interface Around {
  readonly chat: Chat
  readonly look: Look
  readonly words: Words
  readonly times: Times
  readonly announcer: Announcer
  readonly $view: Readable<View>
  /** Shows a thread, from the message at this position on or from its end; or the first screen. */
  go(threadId: ThreadId | undefined, at?: number): void
  close(): void
  /** Takes the styles and words of a part that came late; the same ones only once. */
  adopt(part: LatePart): void
  /** What did not work a moment ago; empty: nothing. */
  readonly $trouble: Readable<string>
  /** What arrived last, for what was not there yet to hear it. */
  heard?: Message
  /** Draws the visitor's attention to what arrives. */
  hear?: (message: Message) => void
  /**
   * Waits for something, and tells the visitor if it did not work. Never rejects.
   *
   * @param key What to tell; `null` for what the visitor did not ask for, and would not miss.
   */
  attempt(work: Promise<unknown>, key?: StringKey | null): Promise<boolean>
}

/** A part of the panel that is fetched when it is needed. */
export interface LatePart {
  readonly css: string
  /** Its words in English, if it has any of its own. */
  readonly words?: Partial<Strings>
}

export interface View {
  /** `undefined`: the first screen. */
  readonly threadId: ThreadId | undefined
  /** Position of the message to show; `undefined`: the newest, or the first unread one. */
  readonly at?: number | undefined
  readonly open: boolean
  /** Grows each time the focus should go to where one starts. */
  readonly focus: number
}

const context = createContext(undefined as unknown as Around)

export const AroundProvider = context.Provider

export const useAround = (): Around => useContext(context)

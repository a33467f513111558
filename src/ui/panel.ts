import type { Chat } from '../core/chat.ts'
import type { Message } from '../model/message.ts'
import type { ThreadId } from '../model/thread.ts'
import type { Announcer } from './announcer.ts'
import type { Look } from './look.ts'
import type { Strings } from './strings.ts'

/** What the part that comes with the page gives to the part that comes on first intent. */
export interface PanelParts {
  readonly root: ShadowRoot
  /** What the panel becomes a child of. */
  readonly frame: HTMLElement
  /** What opens the panel, and gets the focus back. */
  readonly launcher: HTMLElement
  readonly chat: Chat
  readonly look: Look
  readonly locale: string
  readonly strings: Partial<Strings>
  /** Default: one of its own on the page. */
  readonly announcer?: Announcer
  /** Ends all of it. */
  readonly signal: AbortSignal
  /** The visitor wants it closed. */
  onClose(): void
}

export interface Panel {
  readonly element: HTMLElement
  /**
   * Also again as it was, after the host was taken from the page and put back.
   *
   * @param focus Whether a visitor asked for it, so that the focus goes along.
   */
  show(threadId: ThreadId | undefined, focus: boolean): void
  /** Gives back the focus, if it has it. */
  hide(): void
  /** Somebody wrote: has the visitor's attention drawn to it, if they do not see it. */
  hear(message: Message): void
}

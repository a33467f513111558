import type { Chat } from '../core/chat.ts'
import type { ThreadId } from '../model/thread.ts'
import type { Announcer } from './announcer.ts'
import type { Look } from './look.ts'
import type { Words } from './strings.ts'

/** What the part that comes with the page needs from the part that comes on first intent. */
export interface PanelModule {
  openPanel(root: ShadowRoot, parent: HTMLElement, parts: PanelParts): Panel
}

export interface PanelParts {
  readonly chat: Chat
  readonly look: Look
  readonly words: Words
  readonly announcer: Announcer
  /** The visitor wants it closed. */
  onClose(): void
}

export interface Panel {
  readonly element: HTMLElement
  /** @param focus Whether a visitor asked for it, so that the focus goes along. */
  show(threadId: ThreadId | undefined, focus: boolean): void
  hide(): void
  /** Again as it was, after the host was taken from the page and put back. */
  restore(): void
  dispose(): void
}

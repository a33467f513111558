import type { Chat } from '../../../src/core/chat.ts'
import type { Rule } from '../../../src/model/rule.ts'
import type { ScenarioStep } from '../../../src/testing/index.ts'
import type { LookOptions } from '../../../src/ui/look.ts'

/** One state of the widget, and all it takes to get there. */
export interface State {
  /** Part of an address: `queue-third`. */
  readonly name: string
  /** What to look at. */
  readonly title: string
  readonly script: readonly ScenarioStep[]
  readonly look?: LookOptions
  /** What the page offers beside the launcher. */
  readonly rules?: readonly Rule[]
  /** What is opened: nothing (`launcher`), the first screen (`home`), or this thread. */
  readonly open: 'launcher' | 'home' | (string & {})
  /** It is opened at once, because the link never comes to be up. Default: when all that was missed is there. */
  readonly early?: boolean
  /** What the visitor's browser stores: `durable` by default. */
  readonly storage?: 'durable' | 'volatile' | 'full'
  /** The backend takes files. */
  readonly files?: boolean
  /** Where the backend takes requests for a copy by e-mail. */
  readonly mail?: string
  /** The code of the chat cannot be fetched. */
  readonly broken?: boolean
  /** What the visitor does once it is open. */
  readonly act?: (stage: Stage) => void | Promise<void>
  /** What is seen then and not before, as a selector in the widget. */
  readonly sees: string
}

/** The widget on the page, for who acts as the visitor. */
export interface Stage {
  readonly chat: Chat
  /** Waits until this is there. */
  find(selector: string): Promise<HTMLElement>
  /** Waits until it is there, and presses it. */
  press(selector: string): Promise<void>
  /** Waits until it is there, and writes into it. */
  write(selector: string, text: string): Promise<void>
  /** Lets the script go on, where it awaits `typing`. */
  cue(): void
  /** From now on the disk is full, if the storage is that. */
  fill(): void
}

export interface Group {
  readonly title: string
  readonly states: readonly State[]
}

/** The thread that scripts are about where they do not name another one. */
export const THREAD = 'thread'

/** What an awaited `cue` is in a script. */
export const CUE: ScenarioStep = { do: 'await', what: 'typing' }

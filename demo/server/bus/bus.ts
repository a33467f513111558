import type { Message } from '../../../src/model/message.ts'

/**
 * Tells the rest of the server that something is new, and where. Ids only, but for what is not stored: a note may be lost
 * or come twice, so whoever hears one reads the store.
 */
export interface Bus {
  publish<Topic extends keyof Notes>(topic: Topic, note: Notes[Topic]): void
  /** Returns the function that stops listening. */
  subscribe<Topic extends keyof Notes>(topic: Topic, listener: (note: Notes[Topic]) => void): () => void
  close(): Promise<void>
}

export interface Notes {
  /** A visitor's feed has grown up to this number. */
  readonly feed: { readonly visitorId: string; readonly seq: number }
  /** A thread changed in a way that agents see. `said`: by a message, and nothing else that its feed does not tell. */
  readonly thread: { readonly threadId: string; readonly said?: true }
  /** Somebody joined the queue, or left it. */
  readonly queue: Nothing
  readonly agents: Nothing
  readonly settings: Nothing
  /** The team's hours began, or are over. */
  readonly opening: Nothing
  /** Something was measured anew: how long visitors wait, how soon they are answered. */
  readonly figures: Nothing
  /** What visitors are told about whether somebody is home changed. */
  readonly availability: Nothing
  /** A visitor came, left, or looks at another page. */
  readonly visit: { readonly visitorId: string }
  /** A visitor had everything erased that was said. */
  readonly erased: { readonly visitorId: string }
  /** A newer tab of this device took over. */
  readonly term: { readonly visitorId: string; readonly device: string; readonly term: number }
  /** A device is this verified visitor's from here on. */
  readonly 'signed-in': { readonly device: string; readonly subject: string }
  /** A device signed out, and with it the token it showed; `null`: it showed none. */
  readonly forgotten: { readonly device: string; readonly token: string | null }
  readonly typing: {
    readonly threadId: string
    readonly visitorId: string
    readonly active: boolean
    /** Id of the agent, or `null`: the visitor. */
    readonly agentId: string | null
    /** Name of the assistant, if it is the one who types. */
    readonly assistant: string | null
  }
  /** An answer of the assistant grew; words and all, because they are not stored before it is whole. */
  readonly growing: { readonly visitorId: string; readonly message: Message }
  /** The visitor has had enough of it. */
  readonly stop: { readonly threadId: string }
}

export type Nothing = Readonly<Record<string, never>>

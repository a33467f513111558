import type { ServerFrame } from './frames.ts'

/**
 * What a client checks of what a server says: forms by example, because these few bytes travel to every visitor. Text
 * stands for text, a number for a whole number from 0, `true` for true or false, an object for its members, `[x]` for a
 * list of x and `[x, null]` for x or null. Members without an example are allowed, so that an old client survives a new
 * server.
 */
type Example = string | number | boolean | null | RegExp | readonly Example[] | { readonly [name: string]: Example }

const person = { name: '', picture: '' }
const attachment = { id: '', name: '', mime: '', size: 0, url: '' }
const message = {
  id: '',
  threadId: '',
  author: '',
  by: [person, null],
  text: '',
  content: [{ type: '' }, null],
  attachments: [attachment],
  at: 0,
  position: 0
}
const thread = {
  id: '',
  state: '',
  last: 0,
  read: 0,
  theirs: { delivered: 0, read: 0 },
  unread: 0,
  newest: [message, null],
  at: 0
}
const maybe = [0, null]

const EVENTS: { readonly [type: string]: Example } = {
  message: { message },
  thread: { thread },
  session: {
    session: {
      id: '',
      threadId: '',
      state: /^(queued|active|ended|rated)$/,
      version: 0,
      ahead: maybe,
      wait: maybe,
      agent: [person, null],
      score: maybe
    }
  },
  receipt: { threadId: '', by: '', delivered: 0, read: 0 },
  typing: { threadId: '', active: true, by: [person, null] },
  availability: { availability: { open: true, people: [person], replyAfter: maybe, wait: maybe, assistant: true } },
  reset: { cursor: '', threads: [thread] },
  gap: { threadId: '', before: 0 },
  credentials: { value: '' }
}

const FRAMES: { readonly [t: string]: Example } = {
  welcome: {
    capabilities: {},
    heartbeat: 0
  },
  events: { events: [{ type: '' }] },
  ack: { id: '', position: maybe, at: 0 },
  nack: { id: '', code: '', message: '', reason: '', retryAfter: maybe },
  page: { q: 0, messages: [message], more: true },
  error: { message: '' },
  bye: { code: '', message: '', retryAfter: maybe }
}

/** Whether `value` is of the form of `like`. */
function fits(value: unknown, like: Example): boolean {
  if (Array.isArray(like)) {
    const [item, other] = like as readonly Example[]
    return other === null
      ? value === null || fits(value, item!)
      : Array.isArray(value) && value.every(one => fits(one, item!))
  }
  if (like instanceof RegExp) return like.test(value as string)
  if (typeof value !== typeof like) return false
  if (typeof like === 'number') return Number.isSafeInteger(value) && (value as number) >= 0
  return (
    typeof like !== 'object' ||
    Object.entries(like!).every(
      ([name, part]) => value !== null && fits((value as Record<string, unknown>)[name], part)
    )
  )
}

/**
 * Reads one frame of a server. Frames and events of a kind that this client does not know pass unchecked: whoever
 * receives them skips them, and keeps their cursors.
 *
 * @throws {Error} That names the frame or event that is not of its form.
 */
export function readServerFrame(raw: string): ServerFrame {
  const frame = JSON.parse(raw) as ServerFrame
  const expect = (part: unknown, like: Example = {}, name = 'frame') => {
    if (!fits(part, like)) throw new Error(`not of our form: ${name}`)
  }
  expect(frame, { t: '' })
  expect(frame, FRAMES[frame.t], frame.t)
  if (frame.t === 'events') for (const event of frame.events) expect(event, EVENTS[event.type], event.type)
  return frame
}

/** Must compile: right uses as they are, wrong ones under `@ts-expect-error`. Nothing here runs. */
import {
  type Ack,
  type Change,
  type Chat,
  createChat,
  type Deed,
  fallback,
  polling,
  type ServerEvent,
  sse,
  websocket
} from '../src/index.ts'
import { mount } from '../src/widget.ts'

export async function uses(): Promise<void> {
  const chat = await createChat({ app: 'shop', transport: websocket('/api/socket') })
  await chat.send(chat.newThread(), { text: 'hello' })
  chat.on('alert', ({ message }) => message.text.length)
  mount(chat, { mode: 'messages', strings: { send: 'Off it goes' } })
  await createChat({
    app: 'shop',
    transport: fallback([websocket('/api/socket'), sse('/api/link'), polling('/api/link')])
  })

  // @ts-expect-error a fallback needs something to begin with
  fallback([])
  // @ts-expect-error a chat needs a name
  await createChat({ transport: websocket('/api/socket') })
  // @ts-expect-error and a way to its backend
  await createChat({ app: 'shop' })
  // @ts-expect-error an acknowledgement has no cursor: only `incoming` moves it
  const ack: Ack = { id: 'x', position: 1, at: 1, cursor: 'c' }
  // @ts-expect-error a reset without a cursor would be forgotten at the next connect
  const reset: ServerEvent = { type: 'reset', threads: [] }
  // @ts-expect-error there is no such deed
  const deed: Deed = { type: 'shout', threadId: 't' }
  // @ts-expect-error a condition compares plain values
  const change: Change = { expect: ['n'], value: { not: 'comparable' } }
  // @ts-expect-error stores are for reading
  chat.$threads.set([])
  // @ts-expect-error there is no such event
  chat.on('shout', () => {})
  // @ts-expect-error there is no such mode
  mount(chat, { mode: 'loud' })
  // @ts-expect-error what is shown is not for changing
  ;(chat as Chat).$threads.get()[0]!.unread = 0
  return void [ack, reset, deed, change]
}

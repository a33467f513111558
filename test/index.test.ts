import { describe, expect, it } from 'vitest'
import { createChat, websocket } from '../src/index.ts'
import { memoryTransport } from '../src/testing/index.ts'
import { mount, mountChat } from '../src/widget.ts'

describe('on a server', () => {
  it('does nothing and does not throw: no page, no network', async () => {
    expect(typeof document).toBe('undefined')
    const chat = await createChat({ app: 'shop', transport: websocket('wss://nowhere.example/api/socket') })
    const unbind = chat.watch()
    const thread = chat.newThread()
    await chat.load(thread)
    await chat.send(thread, { text: 'kept in memory' })
    expect(chat.$messages.get()[thread]?.entries[0]?.delivery).toBe('queued')
    unbind()
    for (const widget of [mount(chat), mountChat({ app: 'shop' })]) {
      widget.open()
      widget.toggle()
      widget.hide()
      widget.destroy()
    }
    chat.close()
  })
})

describe('createChat', () => {
  const transport = memoryTransport()
  it.each([
    [undefined, 'option options must be an object, got undefined'],
    [{ transport }, 'option app must be a name of up to 64 letters, digits, - or _, got undefined'],
    [{ app: 'my shop', transport }, 'option app must be a name of up to 64 letters, digits, - or _, got "my shop"'],
    [{ app: 'shop' }, "option transport must be a transport, such as websocket('wss://…'), got undefined"],
    [
      { app: 'shop', transport: 'wss://x' },
      `option transport must be a transport, such as websocket('wss://…'), got "wss://x"`
    ],
    [{ app: 'shop', transport, token: 'abc' }, 'option token must be a function that gives the token, got "abc"']
  ])('says which option is wrong, what came and what would be right: %#', async (options, problem) => {
    await expect(createChat(options as never)).rejects.toThrow(new TypeError(`porchlight: ${problem}`))
  })
})

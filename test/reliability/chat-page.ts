import { createChat, websocket } from '../../src/index.ts'
import { mount } from '../../src/widget.ts'

const chat = await createChat({ app: 'reliability', transport: websocket('/api/socket') })
const widget = mount(chat)

/** As the script tag's global, for what `pages/hands.js` does. */
const Porchlight = (command: 'open', threadId: string) => widget[command](threadId)

Object.assign(globalThis, { chat, Porchlight })

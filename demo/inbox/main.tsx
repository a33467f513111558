import './inbox.css'
import './house/house.css'
import './queue/queue.css'
import './conversation/conversation.css'
import './context/context.css'
import './settings/settings.css'
import './sign-in/sign-in.css'
import { render } from 'preact'
import { App } from './App.tsx'
import { createShelf } from './shelf.ts'
import { createAccount } from './sign-in/account.ts'

const account = createAccount({
  tab: createShelf(() => sessionStorage, 'porchlight-inbox/'),
  device: createShelf(() => localStorage, 'porchlight-inbox/')
})
const url = new URL('/api/inbox/socket', location.href)
url.protocol = url.protocol.replace('http', 'ws')

render(<App account={account} url={url.href} />, document.getElementById('inbox')!)

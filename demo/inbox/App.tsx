import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { Context } from './context/Context.tsx'
import { Conversation } from './conversation/Conversation.tsx'
import { House } from './house/House.tsx'
import { LinkBanner } from './house/LinkBanner.tsx'
import { Me } from './house/Me.tsx'
import { Views } from './house/Views.tsx'
import { Lantern } from './icons.tsx'
import { createInbox, type Inbox, InboxContext, useInbox } from './inbox.ts'
import { Notes } from './Notes.tsx'
import { Queue } from './queue/Queue.tsx'
import { VIEWS } from './queue/views.ts'
import { Help } from './settings/Help.tsx'
import { Settings } from './settings/Settings.tsx'
import type { Account, SignedIn } from './sign-in/account.ts'
import { SignIn } from './sign-in/SignIn.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { useStore } from './use-store.ts'
import { useWide } from './use-wide.ts'

export function App({ account, url }: AppProps) {
  const signedIn = useStore(account.$signedIn)
  return signedIn ? (
    <SignedInApp key={signedIn.token} account={account} url={url} signedIn={signedIn} />
  ) : (
    <SignIn account={account} />
  )
}

export interface AppProps {
  readonly account: Account
  /** Of the agents' socket. */
  readonly url: string
}

function SignedInApp({ account, url, signedIn }: AppProps & { readonly signedIn: SignedIn }) {
  const [inbox, setInbox] = useState<Inbox>()

  // Not while drawing: a drawing that is thrown away must not leave a socket behind.
  useLayoutEffect(() => {
    const made = createInbox({ account, url, ...signedIn })
    setInbox(made)
    return () => made.close()
  }, [])

  return inbox ? (
    <InboxContext.Provider value={inbox}>
      <Desk />
    </InboxContext.Provider>
  ) : null
}

type Window = 'settings' | 'help' | undefined

function Desk() {
  const inbox = useInbox()
  const ready = useStore(inbox.$ready)
  const { threadId } = useStore(inbox.router.$route)
  const open = useStore(inbox.$open)
  const { details } = useStore(inbox.preferences.$preferences)
  const wide = useWide()
  // Where there is no room for a third pane, the details lie over the conversation, and only while asked for.
  const [over, setOver] = useState(false)
  const [window, setWindow] = useState<Window>()
  const shown = open !== undefined && (wide ? details : over)

  useTitle()
  useEffect(() => setOver(false), [threadId, wide])
  useShortcuts({
    '?': () => setWindow('help'),
    ...Object.fromEntries(VIEWS.map((view, i) => [String(i + 1), () => inbox.router.go({ view })]))
  })

  function showDetails(show: boolean) {
    if (wide) inbox.preferences.set({ details: show })
    else setOver(show)
  }

  if (!ready) return <Opening />

  return (
    <div
      class="desk"
      data-pane={threadId === undefined ? 'list' : 'conversation'}
      data-details={shown ? 'shown' : 'hidden'}
    >
      <LinkBanner />
      <House />
      <Views />
      <main class="panes">
        {/* Here and not in the brand, which is not shown beside a conversation where it is narrow. */}
        <h1 class="unseen">Porchlight inbox</h1>
        <Queue />
        <Conversation details={shown} onDetails={showDetails} />
        {shown && <Context over={!wide} onClose={() => showDetails(false)} />}
      </main>
      <Me onSettings={() => setWindow('settings')} onHelp={() => setWindow('help')} />
      {window === 'settings' && <Settings onClose={() => setWindow(undefined)} />}
      {window === 'help' && <Help onClose={() => setWindow(undefined)} />}
      <Notes />
    </div>
  )
}

/** Before the first picture: the link may be slow, or the server away. */
function Opening() {
  const { link } = useInbox()
  const { state } = useStore(link.$link)
  return (
    <main class="opening">
      <Lantern lit={false} />
      <h1>Porchlight inbox</h1>
      {state === 'waiting' ? (
        <>
          <p role="status">The server cannot be reached. Trying again…</p>
          <button type="button" class="button" onClick={link.retry}>
            Try now
          </button>
        </>
      ) : (
        <p role="status">Opening…</p>
      )}
    </main>
  )
}

function useTitle() {
  const { $waiting } = useInbox()
  const waiting = useStore($waiting)
  // At once: a hidden page, which is where the title matters, does not paint, and so runs no other effects in time.
  useLayoutEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Porchlight inbox` : 'Porchlight inbox'
  }, [waiting])
}

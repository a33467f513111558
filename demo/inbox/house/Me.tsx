import type { Agent, Presence } from '../../server/wire/agent-frames.ts'
import { Face } from '../Face.tsx'
import { Icon } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import type { LinkState } from '../link.ts'
import { useStore } from '../use-store.ts'

const PRESENCE_NAMES: Readonly<Record<Presence, string>> = {
  online: 'Online',
  messages: 'Messages only',
  away: 'Away'
}

const LINK_NAMES: Readonly<Record<LinkState['state'], string>> = {
  connecting: 'Connecting…',
  'catching-up': 'Catching up…',
  online: 'Connected',
  waiting: 'Not connected',
  refused: 'Signed out'
}

/** Who I am to the others, who they are, and how this inbox is connected. */
export function Me({ onSettings, onHelp }: { onSettings(): void; onHelp(): void }) {
  const { team, link, setPresence } = useInbox()
  const me = useStore(team.$me)
  const agents = useStore(team.$agents)
  const { state } = useStore(link.$link)
  const others = agents.filter(({ id }) => id !== me.id)

  return (
    <footer class="me">
      {others.length > 0 && <Colleagues agents={others} />}
      <div class="me-row">
        <Face id={me.id} name={me.name} picture={me.picture} size="m" />
        <span class="me-words">
          <span class="me-name">{me.name}</span>
          <label class="presence" data-presence={me.presence}>
            <span class="unseen">My presence</span>
            <select value={me.presence} onChange={event => void setPresence(event.currentTarget.value as Presence)}>
              {Object.entries(PRESENCE_NAMES).map(([presence, name]) => (
                <option key={presence} value={presence}>
                  {name}
                </option>
              ))}
            </select>
            <Icon name="chevron" />
          </label>
        </span>
        <span class="me-buttons">
          <button
            type="button"
            class="button-icon"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts"
            onClick={onHelp}
          >
            <Icon name="keyboard" />
          </button>
          <button type="button" class="button-icon" aria-label="Settings" title="Settings" onClick={onSettings}>
            <Icon name="settings" />
          </button>
        </span>
      </div>
      <p class="link-state" data-state={state} title={LINK_NAMES[state]}>
        <span class="link-dot" aria-hidden="true" />
        <span class="link-words">{LINK_NAMES[state]}</span>
      </p>
    </footer>
  )
}

function Colleagues({ agents }: { readonly agents: readonly Agent[] }) {
  return (
    <section class="colleagues" aria-label="Colleagues">
      <h2>Team</h2>
      <ul>
        {agents.map(({ id, name, picture, presence }) => (
          <li key={id} class="colleague">
            <Face id={id} name={name} picture={picture} size="s" />
            <span class="colleague-name">{name}</span>
            <span class="colleague-presence" data-presence={presence}>
              {presence === 'messages' ? 'Messages' : PRESENCE_NAMES[presence]}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

import { useId } from 'preact/hooks'
import { Lantern } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { isLit } from '../team.ts'
import { useStore } from '../use-store.ts'

/** The brand, and the light over the door: on, and visitors may chat now; off, and they leave messages. */
export function House() {
  const { team, setSettings } = useInbox()
  const settings = useStore(team.$settings)
  const agents = useStore(team.$agents)
  const id = useId()
  const open = settings?.open ?? false
  const lit = isLit(settings, agents)

  return (
    <header class="house">
      <p class="brand">
        <Lantern lit={lit} />
        <span>Porchlight</span>
      </p>
      <button
        type="button"
        role="switch"
        class="light"
        data-lit={lit}
        aria-checked={open}
        aria-describedby={id}
        onClick={() => settings && void setSettings({ ...settings, open: !open })}
      >
        <span class="light-words">
          <span class="light-label">House light</span>
          <span class="light-state" aria-hidden="true">
            {open ? 'Open' : 'Closed'}
          </span>
        </span>
        <span class="toggle" aria-hidden="true" />
      </button>
      <p class="light-means" id={id}>
        {lit
          ? 'Visitors can start a live chat.'
          : open
            ? 'Open, but nobody is online. Visitors leave messages.'
            : 'Visitors leave messages.'}
      </p>
    </header>
  )
}

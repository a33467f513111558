import { useId } from 'preact/hooks'
import type { OpeningView } from '../../server/wire/agent-frames.ts'
import { moment } from '../clock.ts'
import { Lantern } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { useStore } from '../use-store.ts'

/** The brand, and the light over the door: on, and visitors may chat now; off, and they leave messages. */
export function House() {
  const { team, setSettings, clock } = useInbox()
  const settings = useStore(team.$settings)
  const id = useId()
  const open = settings?.open ?? false
  const opening = useStore(team.$opening)
  const now = useStore(clock.$halfMinute)
  const lit = useStore(team.$lit)

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
          : open && opening && !opening.open
            ? outsideHours(opening, now)
            : open
              ? 'Open, but nobody is online. Visitors leave messages.'
              : 'Visitors leave messages.'}
      </p>
    </header>
  )
}

/** Why it is closed, though the switch is on and somebody may be online; the time is that of who reads it. */
function outsideHours({ changesAt }: OpeningView, now: number): string {
  const until = changesAt === null ? '' : `, which begin ${moment(changesAt, now)}`
  return `Outside your hours${until}. Visitors leave messages.`
}

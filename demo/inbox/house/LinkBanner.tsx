import { useInbox } from '../inbox.ts'
import { useStore } from '../use-store.ts'

/** Short breaks heal by themselves; naming each would only make people nervous. */
const SILENT_FOR = 2000

/** Says so when this inbox is not connected. */
export function LinkBanner() {
  const { link } = useInbox()
  const { lostAt } = useStore(link.$link)
  // Outside, so that the second hand runs only while it is needed.
  return lostAt === undefined ? null : <Lost lostAt={lostAt} />
}

function Lost({ lostAt }: { readonly lostAt: number }) {
  const { link, clock } = useInbox()
  const { state, retryAt } = useStore(link.$link)
  const now = useStore(clock.$second)
  if (now - lostAt < SILENT_FOR) return null
  const seconds = Math.ceil(((retryAt ?? now) - now) / 1000)
  const next =
    state === 'catching-up'
      ? 'Catching up…'
      : state === 'waiting' && seconds > 0
        ? `Trying again in ${seconds} s.`
        : 'Trying again…'
  return (
    <section class="link-banner" aria-label="Connection">
      <p>
        <strong role="status">You are not connected.</strong> What you write is kept and sent later. <span>{next}</span>
      </p>
      <button type="button" class="button button-small" onClick={link.retry}>
        Try now
      </button>
    </section>
  )
}

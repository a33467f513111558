import { useEffect } from 'preact/hooks'
import type { Session } from '../../../model/session.ts'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'
import { useStore } from '../use-store.ts'

/** Says that a chat in which nobody writes is about to go on as messages, with a way to keep it. */
export function Idle({ session: { threadId, idle } }: { readonly session: Session }) {
  const { chat, words, times, announcer, attempt } = useAround()
  const last = useStore(chat.$messages)[threadId]?.entries.at(-1)?.message
  // What is not sent yet has no place; what came since has a later time, by the same clock.
  const quiet = idle && !(last && (!last.position || last.at > idle.since))
  const text = quiet ? words.t('idleAsk', { time: times.clock(idle.endsAt) }) : ''
  useEffect(() => {
    if (text) announcer.say(text)
  }, [text])

  return quiet ? (
    <div class="card" part="card">
      <p>
        <strong>{text}</strong>
        <span class="quiet">{words.t('endHint')}</span>
      </p>
      <div class="ends">
        <Button class="button small main" label="idleStay" onClick={() => void attempt(chat.start(threadId))} />
      </div>
    </div>
  ) : null
}

import { useState } from 'preact/hooks'
import { isLive } from '../../../model/session.ts'
import type { ThreadId } from '../../../model/thread.ts'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'
import { useStore } from '../use-store.ts'
import { canNotify } from './notices.ts'

/**
 * Offers a notification to who waits for an answer. Only pressing it makes the browser ask, and whatever comes of that,
 * nobody is asked again.
 */
export function TellMe({ threadId }: { readonly threadId: ThreadId }) {
  const { chat, words, announcer, attempt } = useAround()
  const { notices } = useStore(chat.$choices)
  const entries = useStore(chat.$messages)[threadId]?.entries
  const session = useStore(chat.$sessions)[threadId]
  const [answer, setAnswer] = useState<'tellYes' | 'tellNo' | undefined>(undefined)
  const waits = entries?.at(-1)?.message.author === 'visitor' && !isLive(session)

  const ask = async () => {
    const isOn = (await Notification.requestPermission()) === 'granted'
    setAnswer(isOn ? 'tellYes' : 'tellNo')
    announcer.say(words.t(isOn ? 'tellYes' : 'tellNo'))
    await chat.choose('notices', isOn ? 'on' : 'off')
  }

  if (!waits || (!answer && (notices || !canNotify()))) return null
  return (
    <p class="notice tell">
      {answer ? words.t(answer) : <Button class="text" label="tellMe" onClick={() => void attempt(ask())} />}
    </p>
  )
}

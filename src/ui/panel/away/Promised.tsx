import { useEffect, useState } from 'preact/hooks'
import type { Message, Notice } from '../../../model/message.ts'
import { useAround } from '../around.ts'
import { useStore } from '../use-store.ts'
import { Ways } from './Ways.tsx'

/** What stands below the conversation when an answer was promised by then, and has not come. */
export function Promised({ message: { threadId, content } }: { readonly message: Message }) {
  const { chat, words, announcer, attempt } = useAround()
  const { due } = content as Notice
  const entries = useStore(chat.$messages)[threadId]?.entries
  const [missed, setMissed] = useState(false)
  const text = words.t('promiseMissed')

  useEffect(() => {
    const ask = async () => {
      const open = await chat.promised(threadId)
      setMissed(open === due && open! <= Date.now())
    }
    void attempt(ask(), null)
    return chat.on('promise-missed', event => event.threadId === threadId && event.due === due && setMissed(true))
  }, [entries])
  useEffect(() => {
    if (missed) announcer.say(text)
  }, [missed])

  return missed ? (
    <div class="missed" part="promise-missed">
      <p>{text}</p>
      <Ways threadId={threadId} />
    </div>
  ) : null
}

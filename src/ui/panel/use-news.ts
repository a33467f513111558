import { useEffect, useRef } from 'preact/hooks'
import type { Entry } from '../../core/chat.ts'
import { useAround } from './around.ts'
import { authorOf, textOf } from './names.ts'

/** More than so many, with no pause between them, are summed up: nobody follows ten voices. */
const MANY = 3
const PAUSE = 500

/** What was said aloud of a thread. */
interface Ear {
  /** Position of the newest message that was there when we last listened. */
  heard?: number | undefined
  /** The visitor's last message, while it is not sent. */
  waiting?: string | undefined
  burst: number
  /** How many of the burst were not said. */
  held: number
  timer?: ReturnType<typeof setTimeout>
}

/** Says aloud what arrives in the thread in view, each message once. What was loaded from history stays silent. */
export function useNews(entries: readonly Entry[], visible: boolean): void {
  const { words, times, announcer } = useAround()
  const ear = useRef<Ear>({ burst: 0, held: 0 }).current

  useEffect(() => {
    const { heard, waiting } = ear
    const own = entries.findLast(({ delivery }) => delivery)
    if (own && own.message.id === waiting && own.delivery !== 'queued' && own.delivery !== 'failed') {
      announcer.say(words.t('sent'))
    }
    ear.waiting = own?.delivery === 'queued' ? own.message.id : undefined
    ear.heard = entries.findLast(({ message }) => message.position)?.message.position

    if (!heard || !visible) return
    for (const { message, growing } of entries) {
      // What grows says itself, sentence by sentence, and has been heard when it is whole.
      if (message.position <= heard || message.author === 'visitor' || growing) continue
      const text = textOf(message, words, times)
      if (++ear.burst > MANY) ear.held++
      else if (message.author === 'system') announcer.say(text)
      else announcer.say(`${authorOf(message, words)}, ${times.clock(message.at)}: ${text}`)
      clearTimeout(ear.timer)
      ear.timer = setTimeout(() => {
        if (ear.held) announcer.say(words.t('newCount', { count: ear.held }))
        ear.burst = ear.held = 0
      }, PAUSE)
    }
  }, [entries])
}

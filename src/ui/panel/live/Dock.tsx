import { useState } from 'preact/hooks'
import { isLive, type Session } from '../../../model/session.ts'
import { useAround } from '../around.ts'
import { SaveCopy } from '../copy/index.tsx'
import { Ending } from './Ending.tsx'
import { Idle } from './Idle.tsx'
import { Queue } from './Queue.tsx'
import { Rating } from './Rating.tsx'

interface DockProps {
  readonly session: Session
  /** The visitor wants to end it, and is asked whether that is so. */
  readonly ending: boolean
  /** It is over, and the visitor is asked how it was. */
  readonly asking: boolean
  /** The question was answered. */
  onDone(): void
}

/** What a live chat puts above the place to write. */
export function Dock({ session, ending, asking, onDone }: DockProps) {
  const { chat, words, announcer, attempt } = useAround()
  const [thanked, setThanked] = useState('')
  const { id, threadId, state, agent } = session
  const end = (as: 'done' | 'message') => {
    onDone()
    void attempt(chat.end(threadId, as))
  }
  return (
    <>
      {state === 'queued' && <Queue session={session} onLeave={() => end('message')} />}
      {state === 'active' && !ending && <Idle session={session} />}
      {ending && <Ending onEnd={() => end('done')} onKeep={onDone} />}
      {asking && (
        <Rating
          name={agent?.name ?? ''}
          onRate={(score, note) => {
            onDone()
            setThanked(id)
            announcer.say(words.t('rateThanks'))
            void attempt(chat.rate(threadId, score, note))
          }}
          onSkip={onDone}
        />
      )}
      {!isLive(session) && !asking && (
        <div class="notice">
          {thanked === id && words.t('rateThanks')} <SaveCopy threads={[threadId]} />
        </div>
      )}
    </>
  )
}

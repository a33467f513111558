import { useEffect } from 'preact/hooks'
import type { Typist } from '../../core/chat.ts'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'

/** Somebody is typing: dots for eyes, words for ears and for who wants no motion. */
export function Typing({ typist }: { readonly typist: Typist }) {
  const { words, announcer, mayRepeat } = useAround()
  const person = typist.by ?? { name: words.t('team'), picture: '' }
  const text = words.t('typing', { name: person.name })
  useEffect(() => {
    if (mayRepeat('typing')) announcer.say(text)
  }, [text])
  return (
    <div class="row theirs begins typing" part="typing">
      <p class="bubble in fresh" role="img" aria-label={text}>
        <i />
        <i />
        <i />
        <span>{text}</span>
      </p>
      <Avatar person={person} />
    </div>
  )
}

import type { Typist } from '../../../core/chat.ts'
import { Avatar } from '../Avatar.tsx'
import { useAround } from '../around.ts'
import { useOften } from './use-often.ts'

/** Somebody is typing: dots for eyes, words for ears and for who wants no motion. */
export function Typing({ typist }: { readonly typist: Typist }) {
  const { words } = useAround()
  const person = typist.by ?? { name: words.t('team'), picture: '' }
  const text = words.t('typing', { name: person.name })
  useOften('typing', text)
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

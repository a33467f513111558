import type { Typist } from '../../../core/chat.ts'
import { Avatar } from '../Avatar.tsx'
import { useAround } from '../around.ts'
import { useOften } from './use-often.ts'

/** Letters of no name would look like somebody’s initials. */
const NOBODY = { name: '', picture: '' }

/** Somebody is typing: dots for eyes, words for ears and for who wants no motion. */
export function Typing({ typist }: { readonly typist: Typist }) {
  const { words } = useAround()
  const text = words.t('typing', { name: typist.by?.name ?? words.t('team') })
  useOften('typing', text)
  return (
    <div class="row theirs begins typing" part="typing">
      <p class="bubble in fresh" role="img" aria-label={text}>
        <i />
        <i />
        <i />
        <span>{text}</span>
      </p>
      <Avatar person={typist.by ?? NOBODY} />
    </div>
  )
}

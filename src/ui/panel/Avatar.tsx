import { useState } from 'preact/hooks'
import type { Person } from '../../model/message.ts'

/** A face, or the initials while there is none. Says nothing aloud: the name always stands beside it. */
export function Avatar({ person }: { readonly person: Person }) {
  const [broken, setBroken] = useState('')
  const { name, picture } = person
  return (
    <span class="avatar" aria-hidden="true" part="avatar">
      {picture && picture !== broken ? (
        <img src={picture} alt="" referrerpolicy="no-referrer" onError={() => setBroken(picture)} />
      ) : (
        initials(name)
      )}
    </span>
  )
}

function initials(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters
    .map(word => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

import { useState } from 'preact/hooks'
import type { Person } from '../../model/message.ts'

/** A face, or the initials while there is none. Says nothing aloud: the name always stands beside it. */
export function Avatar({ person }: { readonly person: Person }) {
  const [broken, setBroken] = useState(false)
  const { name, picture } = person
  return (
    <span class="avatar" aria-hidden="true" part="avatar">
      {picture && !broken ? (
        <img src={picture} alt="" referrerpolicy="no-referrer" onError={() => setBroken(true)} />
      ) : (
        initials(name)
      )}
    </span>
  )
}

function initials(name: string): string {
  const letters = name.match(/(?<!\S)\S/gu) ?? []
  return [letters[0], letters.slice(1).at(-1)].join('').toUpperCase()
}

import type { Person } from '../../model/message.ts'

/** A face, or the initials while there is none. Says nothing aloud: the name always stands beside it. */
export function Avatar({ person }: { readonly person: Person }) {
  const { name, picture } = person
  return (
    <span class="avatar" aria-hidden="true" part="avatar">
      {picture ? (
        <img
          key={picture}
          src={picture}
          alt=""
          referrerpolicy="no-referrer"
          onError={event => event.currentTarget.replaceWith(initials(name))}
        />
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

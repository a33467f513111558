import type { ComponentChildren } from 'preact'
import type { Person } from '../../model/message.ts'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Icon } from './Icon.tsx'

interface HeaderProps {
  readonly title: string
  readonly subtitle: string
  readonly person: Person | undefined
  /** Somebody is here for this conversation right now. */
  readonly live: boolean
  readonly children?: ComponentChildren
}

/** Top of a conversation: the way back, who one talks to, and what can be done with it. */
export function Header({ title, subtitle, person, live, children }: HeaderProps) {
  const { words, go } = useAround()
  return (
    <div class={live ? 'head live' : 'head'} part="header">
      <button type="button" class="round" aria-label={words.t('back')} onClick={() => go(undefined)}>
        <Icon name="back" />
      </button>
      {person && <Avatar person={person} />}
      <div class="who">
        <h2 id="title" part="title">
          <bdi>{title}</bdi>
        </h2>
        <p class="quiet" part="subtitle">
          {subtitle}
        </p>
      </div>
      {children}
      <CloseButton />
    </div>
  )
}

export function CloseButton() {
  const { words, close } = useAround()
  return (
    <button type="button" class="round" aria-label={words.t('close')} onClick={close}>
      <Icon name="close" />
    </button>
  )
}

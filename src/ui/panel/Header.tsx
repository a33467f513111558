import type { ComponentChildren } from 'preact'
import type { Person } from '../../model/message.ts'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Round } from './Button.tsx'

interface HeaderProps {
  readonly title: string
  readonly subtitle: ComponentChildren
  readonly person: Person | null | undefined
  /** Somebody is here for this conversation right now. */
  readonly live: boolean
  readonly children?: ComponentChildren
}

/** Top of a conversation: the way back, who one talks to, and what can be done with it. */
export function Header({ title, subtitle, person, live, children }: HeaderProps) {
  const { go, close } = useAround()
  return (
    <div class={live ? 'head live' : 'head'} part="header">
      <Round name="back" onClick={() => go(undefined)} />
      {person && <Avatar person={person} />}
      <div class="who">
        <h2 id="title" part="title" dir="auto">
          {title}
        </h2>
        <p class="quiet" part="subtitle">
          {subtitle}
        </p>
      </div>
      {children}
      <Round name="close" onClick={close} />
    </div>
  )
}

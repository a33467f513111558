import { initials, pick } from './context/visitor-name.ts'

/** Who somebody is, at a glance. Says nothing to screen readers: the name stands beside it. */
export function Face({ id, name, size = 'm', online = false, picture = '' }: FaceProps) {
  return (
    <span class={`face face-${size} face-tint-${pick(id, 6)}`} aria-hidden="true">
      {picture ? <img src={picture} alt="" /> : initials(name)}
      {online && <span class="face-online" />}
    </span>
  )
}

export interface FaceProps {
  readonly id: string
  readonly name: string
  readonly size?: 's' | 'm' | 'l'
  readonly online?: boolean
  readonly picture?: string
}

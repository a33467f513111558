import { useEffect } from 'preact/hooks'
import { enLimits } from '../../strings/en-limits.ts'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import css from './limits.css?inline'

export { Keep } from './Keep.tsx'
export const words = enLimits
export { css }

/** How many characters are left; below 0: too many. For ears when it begins to matter, and when it is too much. */
export function Room({ left }: { readonly left: number }) {
  const { words, announcer } = useAround()
  const over = left < 0
  const text = words.t(over ? 'over' : 'left', { count: Math.abs(left) })
  useEffect(() => announcer.say(text), [over])
  return <span class="room">{text}</span>
}

/** Why a message was not taken, by the backend's word for it, which may be one that we do not know. */
export function Reason({ reason }: { readonly reason: string }) {
  const { words } = useAround()
  const key = `reason-${reason}`
  return <p class="why">{words.t(key in enLimits ? (key as StringKey) : 'reason-other')}</p>
}

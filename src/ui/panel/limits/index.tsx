import { enLimits } from '../../strings/en-limits.ts'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import css from './limits.css?inline'

export { Guard } from './Guard.tsx'
export { Keep } from './Keep.tsx'
export const words = enLimits
export { css }

/** Why a message was not taken, by the backend's word for it, which may be one that we do not know. */
export function Reason({ reason }: { readonly reason: string }) {
  const { words } = useAround()
  const key = `reason-${reason}`
  return <p class="why">{words.t(key in enLimits ? (key as StringKey) : 'reason-other')}</p>
}

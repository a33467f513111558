import { useEffect } from 'preact/hooks'
import { useAround } from '../around.ts'

/** How many characters are left; below 0: too many. For ears when it begins to matter, and when it is too much. */
export function Room({ left }: { readonly left: number }) {
  const { words, announcer } = useAround()
  const over = left < 0
  const text = words.t(over ? 'over' : 'left', { count: Math.abs(left) })
  useEffect(() => announcer.say(text), [over])
  return <span class="room">{text}</span>
}

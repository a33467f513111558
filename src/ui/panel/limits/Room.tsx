import { useEffect } from 'preact/hooks'
import { MAX_WAITING } from '../../../model/command.ts'
import { useAround } from '../around.ts'

interface RoomProps {
  /** How many characters are left; below 0: too many. */
  readonly left: number
  /** Whether nothing more is taken before something is sent. */
  readonly full: boolean
}

/** What there is room for. For ears when it begins to matter, and when it is too much. */
export function Room({ left, full }: RoomProps) {
  const { words, announcer } = useAround()
  const over = left < 0
  const text = full
    ? words.t('full', { count: MAX_WAITING })
    : words.t(over ? 'over' : 'left', { count: Math.abs(left) })
  useEffect(() => announcer.say(text), [over, full])
  return <span class="room">{text}</span>
}

import { useAround } from '../around.ts'
import { useStore } from '../use-store.ts'
import { mayNotify } from './notices.ts'

/** What may draw attention to an answer, to be turned on and off. */
export function Switches() {
  const { chat } = useAround()
  const { sound, notices } = useStore(chat.$choices)
  return (
    <>
      <Switch name="sound" label="sound" on={sound !== 'off'} />
      {notices && mayNotify() && <Switch name="notices" label="tell" on={notices === 'on'} />}
    </>
  )
}

interface SwitchProps {
  readonly name: string
  readonly label: 'sound' | 'tell'
  readonly on: boolean
}

function Switch({ name, label, on }: SwitchProps) {
  const { chat, words, attempt } = useAround()
  return (
    <label class="switch">
      {words.t(label)}
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        onChange={() => void attempt(chat.choose(name, on ? 'off' : 'on'))}
      />
    </label>
  )
}

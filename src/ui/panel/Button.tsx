import type { RefObject } from 'preact'
import type { StringKey } from '../strings.ts'
import { useAround } from './around.ts'

interface ButtonProps {
  /** How it looks: `main`, `button small`, `text` … */
  readonly kind: string
  readonly label: StringKey
  readonly element?: RefObject<HTMLButtonElement | null>
  onClick(): void
}

/** A button with words on it. */
export function Button({ kind, label, element, onClick }: ButtonProps) {
  const { words } = useAround()
  return (
    <button type="button" class={kind} ref={element ?? null} onClick={onClick}>
      {words.t(label)}
    </button>
  )
}

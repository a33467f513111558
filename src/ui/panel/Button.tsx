import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import type { StringKey } from '../strings.ts'
import { useAround } from './around.ts'
import { Icon } from './Icon.tsx'

interface ButtonProps extends ButtonHTMLAttributes {
  readonly label: StringKey
  readonly children?: ComponentChildren
  readonly 'data-start'?: boolean | undefined
}

/** A button with words on it. */
export function Button({ label, children, ...props }: ButtonProps) {
  const { words } = useAround()
  return (
    <button type="button" {...props}>
      {children}
      {words.t(label)}
    </button>
  )
}

/** A button with a drawing on it. */
export function Round({ name, onClick }: { readonly name: 'back' | 'close'; onClick(): void }) {
  const { words } = useAround()
  return (
    <button type="button" class="round" aria-label={words.t(name)} onClick={onClick}>
      <Icon name={name} />
    </button>
  )
}

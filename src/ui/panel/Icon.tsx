import { LANTERN } from '../lantern.ts'

const PATHS = {
  back: 'M14 6l-6 6 6 6',
  close: 'M6 6l12 12M6 18L18 6',
  send: 'M12 19V6M6 12l6-6 6 6',
  down: 'M12 5v13M6 12l6 6 6-6',
  queued: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2',
  sent: 'M6 12l4 4 9-9',
  delivered: 'M2 12l4 4 9-9M11 16l1 1 9-10',
  read: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM7 12l4 4 6-6-2-2-4 4-2-2z',
  failed: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4M12 16v0',
  chat: 'M5 19V8a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H8z',
  note: 'M5 7h14v9a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2zl7 6 7-6'
} as const

export type IconName = keyof typeof PATHS

/** A drawing beside words that say the same; never read aloud. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon i-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The lantern of the first screen, hanging from the top edge. */
export function Lamp() {
  const { glass, flame, lines } = LANTERN
  return (
    <svg class="lantern" viewBox="0 0 24 24" aria-hidden="true">
      <path class="glass" d={glass} />
      <path class="flame" d={flame} />
      <path d={`${lines}M12-20V3`} />
    </svg>
  )
}

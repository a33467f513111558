import { LANTERN } from '../lantern.ts'

const PATHS = {
  back: 'M14.5 5.5 8 12l6.5 6.5',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  send: 'M12 19V5.5M6 11.5l6-6 6 6',
  down: 'M12 5v13.5M6 12.5l6 6 6-6',
  queued: 'M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM12 8v4.2l2.6 1.6',
  sent: 'M5.5 12.5l4.2 4.2L18.5 7.5',
  delivered: 'M2.5 12.5l4.2 4.2L15.5 7.5M11.5 16.2l.6.5L21 7.5',
  read: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z',
  failed: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.6M12 15.7v.1',
  chat: 'M5 18.5V7.8A2.3 2.3 0 0 1 7.3 5.5h9.4A2.3 2.3 0 0 1 19 7.8v5.9a2.3 2.3 0 0 1-2.3 2.3H8.5z',
  note: 'M5.5 7.5h13v9.5a1.5 1.5 0 0 1-1.5 1.5H7a1.5 1.5 0 0 1-1.5-1.5zM5.8 8l6.2 5 6.2-5'
} as const

export type IconName = keyof typeof PATHS

/** A drawing beside words that say the same; never read aloud. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon i-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
      {name === 'read' && <path class="knock" d="M8.3 12.3l2.6 2.6 4.9-5.3" />}
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

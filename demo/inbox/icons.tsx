/** Line icons on a 20-unit grid. Hidden from screen readers: whatever carries one has a name of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {PATHS[name].map(d => (
        <path key={d} d={d} />
      ))}
    </svg>
  )
}

export type IconName = keyof typeof PATHS

const PATHS = {
  search: ['M8.75 14a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5Z', 'm12.6 12.6 4 4'],
  back: ['M11.75 4.5 6.25 10l5.5 5.5'],
  close: ['m5.5 5.5 9 9', 'm14.5 5.5-9 9'],
  done: ['M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z', 'm7 10.2 2.1 2.1 4-4.4'],
  reopen: ['M4 10a6 6 0 1 0 1.9-4.4', 'M4 3.8v3.4h3.4'],
  end: [
    'M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9.5L6 16v-3h-.5A1.5 1.5 0 0 1 4 11.5Z',
    'm8.25 6.75 3.5 3.5',
    'm11.75 6.75-3.5 3.5'
  ],
  details: [
    'M4.5 4h11A1.5 1.5 0 0 1 17 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9A1.5 1.5 0 0 1 4.5 4Z',
    'M12.25 4v12'
  ],
  settings: [
    'M3.5 6.5h7',
    'M14.5 6.5h2',
    'M12.5 8.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
    'M3.5 13.5h2',
    'M9.5 13.5h7',
    'M7.5 15.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z'
  ],
  keyboard: [
    'M3.5 5h13A1.5 1.5 0 0 1 18 6.5v7a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 13.5v-7A1.5 1.5 0 0 1 3.5 5Z',
    'M5.5 8h.01',
    'M8.5 8h.01',
    'M11.5 8h.01',
    'M14.5 8h.01',
    'M6.5 12h7'
  ],
  attach: ['m15.6 9.2-6.2 6.2a3.5 3.5 0 0 1-5-5l6.7-6.7a2.3 2.3 0 0 1 3.3 3.3l-6.7 6.7a1.2 1.2 0 0 1-1.6-1.7l5.9-5.9'],
  send: ['M10 16V4.5', 'M5 9.25 10 4.25l5 5'],
  down: ['M10 4.5V16', 'm5 11 5 5 5-5'],
  clock: ['M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z', 'M10 6v4.2l2.6 1.6'],
  sent: ['m4.5 10.5 3.6 3.6 7.4-8.2'],
  read: ['m2.5 10.5 3.6 3.6 6.6-7.4', 'm9.6 13.4.8.7 7.1-8.2'],
  failed: ['M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z', 'M10 6.4v4.4', 'M10 13.5h.01'],
  star: ['m10 3.4 2 4.3 4.7.6-3.5 3.2.9 4.6-4.1-2.3-4.1 2.3.9-4.6-3.5-3.2 4.7-.6Z'],
  bubble: [
    'M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9.5L6 16v-3h-.5A1.5 1.5 0 0 1 4 11.5Z'
  ],
  chevron: ['m6 8 4 4 4-4'],
  leave: ['M8 16.5H5A1.5 1.5 0 0 1 3.5 15V5A1.5 1.5 0 0 1 5 3.5h3', 'M12.5 13.5 16 10l-3.5-3.5', 'M16 10H8'],
  open: [
    'M8 4.5H5.5A1.5 1.5 0 0 0 4 6v8.5A1.5 1.5 0 0 0 5.5 16H14a1.5 1.5 0 0 0 1.5-1.5V12',
    'M11.5 4H16v4.5',
    'M16 4 9.5 10.5'
  ]
} as const

/** The lantern over the door: it glows when the light is on. */
export function Lantern({ lit }: { readonly lit: boolean }) {
  return (
    <svg class={lit ? 'lantern lantern-lit' : 'lantern'} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="lantern-ring" d="M13.5 6.5a2.5 2.5 0 0 1 5 0" />
      <path class="lantern-frame" d="M9.5 11.5 12 7.8h8l2.5 3.7z" />
      <path class="lantern-glass" d="M10.5 13h11l-1.2 9.5h-8.6z" />
      <path class="lantern-bar" d="M16 13v9.5" />
      <rect class="lantern-frame" x="9.5" y="23.8" width="13" height="2.4" rx="1.2" />
    </svg>
  )
}

/** The lantern on a grid of 24, as paths by what they are; the style sheet of the launcher lights it. */
export const LANTERN = {
  rays: 'M4.6 9.6l-1.9-.9M4.2 13.4H2.1M19.4 9.6l1.9-.9M19.8 13.4h2.1',
  glass: 'M8.2 8.4h7.6l-.9 9.2H9.1z',
  flame: 'M12 10.3c1.5 1.5 2.1 2.5 2.1 3.5a2.1 2.1 0 0 1-4.2 0c0-1 .6-2 2.1-3.5z',
  lines: 'M12 2.2v2M6.9 8.4 12 4.3l5.1 4.1zM8.2 8.4l.9 9.2h5.8l.9-9.2M7.8 20.6h8.4M9.1 17.6l-.6 3M14.9 17.6l.6 3'
} as const

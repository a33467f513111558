/** The lantern on a grid of 24, as paths by what they are; the style sheet of the launcher lights it. */
export const LANTERN = {
  rays: 'M5 10 3 9M4 13H2M19 10l2-1M20 13h2',
  glass: 'M8 8h8l-1 10H9z',
  flame: 'M12 10q2 2 2 4a2 2 0 0 1-4 0q0-2 2-4',
  lines: 'M12 2v2L7 8h10l-5-4M8 8l1 10-1 3h8l-1-3 1-10M9 18h6'
} as const

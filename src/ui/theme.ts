import type { Look } from './look.ts'

/** Colours by day and by night. All others follow from these, in the style sheets. */
const COLOURS: Readonly<Record<string, readonly [day: string, night: string]>> = {
  accent: ['#2b4663', '#466c95'],
  surface: ['#fffefc', '#1b1a18'],
  text: ['#211d18', '#f3efe8'],
  danger: ['#b3261e', '#ffb4ab'],
  success: ['#1a7f37', '#7ee2a0'],
  warning: ['#8a5a00', '#ffd28a']
}

/**
 * Chooses between day and night. `light-dark()` does, where it exists, and follows the system or the page at once;
 * it is set from here because the build would replace it in a style sheet by something that cannot follow the page.
 */
export function applyTheme(frame: HTMLElement, { scheme, accent }: Look, host: HTMLElement): void {
  const { style } = frame
  const can = (colour: string) => globalThis.CSS?.supports?.('color', colour) ?? true
  const follows = can('light-dark(red, red)')
  const night = scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  style.colorScheme = scheme === 'auto' ? 'light dark' : scheme
  for (const [name, [day, dark]] of Object.entries(COLOURS)) {
    style.setProperty(`--${name}-0`, follows ? `light-dark(${day}, ${dark})` : night ? dark : day)
  }
  // Firefox before 128 cannot work out what is readable on the accent.
  if (!can('color(from red xyz-d65 x y z)')) style.setProperty('--on-accent-0', '#fff')
  if (accent) host.style.setProperty('--porchlight-accent', accent)
}

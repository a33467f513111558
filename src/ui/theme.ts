import type { Look } from './look.ts'

/** Chooses between day and night, as the system, the page or the options say. The colours are in the style sheets. */
export function applyTheme(frame: HTMLElement, { scheme, accent }: Look, host: HTMLElement): void {
  frame.style.colorScheme = scheme === 'auto' ? 'light dark' : scheme
  if (accent) host.style.setProperty('--porchlight-accent', accent)
}

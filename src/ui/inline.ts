import css from './inline.css?inline'
import type { Widget } from './mount.ts'

/**
 * Shows the widget as a part of the page: open, for as long as it is there. Loaded when it is about to be seen, so that
 * who never gets that far loads nothing more.
 *
 * @param widget Is in its place already, and hidden.
 */
export function showInline({ open, show }: Widget, host: HTMLElement): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  host.shadowRoot!.adoptedStyleSheets.push(sheet)
  show()
  const seen = new IntersectionObserver(
    ([entry]) => {
      if (!entry!.isIntersecting) return
      seen.disconnect()
      open()
    },
    { rootMargin: '200px' }
  )
  seen.observe(host)
}

import type { LookOptions } from './look.ts'
import type { Widget } from './mount.ts'

/**
 * Mounts the widget into the element that the option `target` names, as a part of the page; without that option, or on a
 * server, as it is.
 *
 * @param mount Mounts it, into this element if there is one.
 * @throws {TypeError} If there is no such element; then nothing is mounted.
 */
export function mountInto<Made extends Widget>(
  target: LookOptions['target'],
  mount: (place: Element | undefined) => Made
): Made {
  const place = typeof document === 'undefined' ? undefined : placeOf(target)
  const widget = mount(place)
  const { host } = widget
  if (host && place) {
    // Until it looks like a part of the page.
    widget.hide()
    import('./inline.ts').then(({ showInline }) => showInline(widget, host)).catch(console.warn)
  }
  return widget
}

function placeOf(target: LookOptions['target']): Element | undefined {
  if (target === undefined) return
  try {
    const element = typeof target === 'string' ? document.querySelector(target) : target
    if (element instanceof Element) return element
  } catch {
    // It is not a selector.
  }
  throw new TypeError(
    `porchlight: option target must be an element of the page, or a selector of one, got ${JSON.stringify(target)}`
  )
}

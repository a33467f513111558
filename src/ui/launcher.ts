import { LANTERN } from './lantern.ts'
import type { Words } from './strings.ts'

export interface LauncherState {
  readonly words: Words
  readonly open: boolean
  /** Somebody is home; `undefined`: not known yet. */
  readonly lit: boolean | undefined
  readonly unread: number
  /** Somebody is chatting with the visitor, or is about to. */
  readonly busy: boolean
  readonly failed: boolean
}

export interface Launcher {
  readonly element: HTMLElement
  readonly button: HTMLButtonElement
  show(state: LauncherState): void
}

/** The button in the corner: a lantern that is lit while somebody is home. Plain DOM, for it comes with the page. */
export function createLauncher(): Launcher {
  const element = make('div', 'corner')
  const button = make('button', 'launcher')
  button.type = 'button'
  button.setAttribute('part', 'launcher')
  button.setAttribute('aria-haspopup', 'dialog')
  const badge = make('span', 'badge')
  badge.setAttribute('part', 'badge')
  const tip = make('span', 'tip')
  // The same words as the button's name, for eyes.
  tip.setAttribute('aria-hidden', 'true')
  button.append(lantern(), badge)
  element.append(button, tip)

  return {
    element,
    button,
    show({ words, open, lit, unread, busy, failed }) {
      const name = words.t(
        failed ? 'launcherFailed' : lit === undefined ? 'launcherUnknown' : lit ? 'launcherOpen' : 'launcherAway'
      )
      const count = unread > 0 && !open ? words.t('unread', { count: unread }) : ''
      const label = open ? words.t('launcherClose') : count ? `${name}, ${count}` : name
      button.setAttribute('aria-label', label)
      button.setAttribute('aria-expanded', String(open))
      tip.textContent = name
      // Drawn by the style sheet: the name of the button already says it, in words.
      badge.dataset.count = unread > 99 ? '99+' : String(unread)
      badge.hidden = !count
      toggle(element, { open, lit: lit === true, busy, failed })
    }
  }
}

function lantern(): SVGSVGElement {
  const icon = shape('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'lantern' })
  for (const [name, d] of Object.entries({ ...LANTERN, down: 'M6.5 9.8 12 15.3l5.5-5.5' })) {
    icon.append(shape('path', { class: name, d }))
  }
  return icon
}

function make<Name extends 'div' | 'span' | 'button'>(name: Name, className: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  element.className = className
  return element
}

function shape<Name extends 'svg' | 'path'>(name: Name, attributes: Readonly<Record<string, string>>) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

function toggle(element: Element, classes: Readonly<Record<string, boolean>>): void {
  for (const [name, on] of Object.entries(classes)) element.classList.toggle(name, on)
}

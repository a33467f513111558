import { LANTERN } from './lantern.ts'
import { countIn, type StringKey, type Strings } from './strings.ts'

/** How the launcher is; the style sheet knows each by the class of this name. */
export interface LauncherState {
  readonly open: boolean
  /** Somebody is home; `undefined`: not known yet. */
  readonly lit: boolean | undefined
  /** What opening needs is being fetched. */
  readonly busy: boolean
  readonly failed: boolean
}

export interface Launcher {
  readonly element: HTMLElement
  readonly button: HTMLElement
  show(state: LauncherState, unread: number, strings: Partial<Strings>, locale: string): void
}

/** The button in the corner: a lantern that is lit while somebody is home. Plain DOM, for it comes with the page. */
export function createLauncher(): Launcher {
  const badge = make('span', { class: 'badge', part: 'badge' })
  // The same words as the button's name, for eyes; and for ears, if it could not be opened.
  const tip = make('span', { class: 'tip', role: 'alert' })
  const lantern = make('svg', { class: 'lantern', viewBox: '0 0 24 24' })
  for (const [name, d] of Object.entries({ ...LANTERN, down: 'M7 10l5 5 5-5' })) {
    lantern.append(make('path', { class: name, d }))
  }
  const button = make('button', { class: 'launcher', part: 'launcher', 'aria-haspopup': 'dialog' })
  button.append(lantern, badge)
  const element = make('div', { class: 'corner' })
  element.append(button, tip)

  return {
    element,
    button,
    show(state, unread, strings, locale) {
      const { open, lit, failed } = state
      const say = (key: StringKey) => countIn(strings[key]!, locale, unread)
      const name = say(`launcher${failed ? 'Failed' : lit ? 'Open' : lit == null ? 'Unknown' : 'Away'}`)
      const counts = !!unread && !open
      set(button, {
        'aria-label': open ? say('launcherClose') : counts ? `${name}, ${say('unread')}` : name,
        'aria-expanded': open
      })
      tip.textContent = name
      set(tip, { 'aria-hidden': !failed })
      // The same number as in the name of the button.
      badge.textContent = unread as unknown as string
      badge.hidden = !counts
      for (const [name, on] of Object.entries(state)) element.classList.toggle(name, !!on)
    }
  }
}

type Attributes = Readonly<Record<string, string | number | boolean>>

/** An element with its attributes. */
export function make(name: string, attributes: Attributes): HTMLElement {
  const element = /svg|path/.test(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name)
  set(element, attributes)
  return element as HTMLElement
}

function set(element: Element, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value as string)
}

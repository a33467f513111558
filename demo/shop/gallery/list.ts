import { groups } from './states.ts'

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  scheme: ['auto', 'light', 'dark'],
  locale: ['en', 'ar']
}

/** All states by name, beside a frame that shows the one that is chosen. */
export function listStates(asked: URLSearchParams): void {
  document.body.className = 'gallery'
  const frame = make('iframe', { name: 'state', title: 'The state that is chosen' })
  const nav = make('nav', { 'aria-label': 'States' })
  const form = make('form', {})
  for (const [name, values] of Object.entries(CHOICES)) form.append(choice(name, values, asked))
  nav.append(make('h1', {}, 'Every state'), form)
  for (const { title, states } of groups) {
    const list = make('ol', {})
    for (const { name, title } of states) {
      const address = new URLSearchParams(asked)
      address.set('state', name)
      const item = make('li', {})
      item.append(make('a', { href: `?${address}`, target: frame.name, title: name }, title))
      list.append(item)
    }
    nav.append(make('h2', {}, `${title} (${states.length})`), list)
  }
  const main = make('main', {})
  main.append(frame)
  document.body.append(nav, main)
}

function choice(name: string, values: readonly string[], asked: URLSearchParams): HTMLElement {
  const label = make('label', {}, name)
  const select = make('select', { name })
  for (const value of values) select.append(new Option(value, value, false, asked.get(name) === value))
  select.onchange = () => select.form?.submit()
  label.append(select)
  return label
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  text = ''
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.textContent = text
  return element
}

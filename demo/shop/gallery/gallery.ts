/**
 * Every state of the widget, each the real one over a script: `/gallery.html` lists them, `?state=NAME` shows one alone,
 * with `&scheme=dark`, `&locale=ar` and `&dir=rtl`.
 */
import { listStates } from './list.ts'
import { showState } from './show.ts'
import { states } from './states.ts'

const asked = new URLSearchParams(location.search)
const name = asked.get('state')
const dir = asked.get('dir')
const locale = asked.get('locale') ?? (dir === 'rtl' ? 'ar' : 'en')
const scheme = asked.get('scheme') === 'dark' ? 'dark' : asked.get('scheme') === 'light' ? 'light' : 'auto'
const root = document.documentElement
root.lang = locale
root.dir = dir ?? (locale === 'ar' ? 'rtl' : 'ltr')
if (scheme !== 'auto') root.style.colorScheme = scheme

if (name === null) listStates(asked)
else {
  const state = states.find(one => one.name === name)
  if (!state) document.body.textContent = `There is no state of the name ${name}.`
  else {
    document.title = state.title
    await showState(state, { scheme, locale })
    // For whoever takes a picture of it.
    root.dataset.shown = name
  }
}

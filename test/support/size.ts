/**
 * What a visitor downloads, in bytes of brotli: `npm run size -- --json`. `widget` is what is there before the panel is
 * opened: the launcher, which comes first, and what keeps the link, for those who have talked before or are about to.
 * `panel` is what opening it adds.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'

export interface Sizes {
  readonly loader: number
  readonly widget: number
  readonly panel: number
  /** Loader and launcher: all that is loaded for somebody who never clicks. */
  readonly first: number
  /** What comes beside the panel for when something fails; nothing waits for it. */
  readonly beside: number
  /** Files that this needs besides those of the panel: none, or it is not there when something fails. */
  readonly needs: readonly string[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @throws {Error} If `dist/cdn` was not built. */
export function measure(folder = `${root}dist/cdn/`): Sizes {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'))
  const bytes = (file: string) =>
    brotliCompressSync(readFileSync(folder + file), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  const statics = (file: string): string[] =>
    [
      ...readFileSync(folder + file, 'utf8').matchAll(/(?:^|[;\s])(?:import|export)\b[^;'"()]*?["'](\.[^"']+)["']/g)
    ].map(([, to]) => posix.join(dirname(file), to!))
  const closure = (file: string, seen = new Set<string>()): Set<string> => {
    if (!seen.has(file)) {
      seen.add(file)
      for (const next of statics(file)) closure(next, seen)
    }
    return seen
  }
  const sum = (list: Iterable<string>) => [...list].reduce((total, file) => total + bytes(file), 0)

  const first = closure('widget.js')
  const late = files.filter(file => file !== 'loader.js' && !first.has(file))
  const entry = (name: string) => {
    const found = late.find(file => basename(file) === `${name}.js`)
    if (!found) throw new Error(`dist/cdn has no ${name}: ${files.join(', ')}`)
    return found
  }
  const chat = new Set([...closure(entry('chat'))].filter(file => !first.has(file)))
  const opened = new Set([...closure(entry('panel'))])
  const panel = [...opened].filter(file => !first.has(file) && !chat.has(file))
  return {
    loader: bytes('loader.js'),
    widget: sum(first) + sum(chat),
    panel: sum(panel),
    first: bytes('loader.js') + sum(first),
    beside: bytes(entry('rare')),
    needs: [...closure(entry('rare'))].filter(
      file => file !== entry('rare') && !first.has(file) && !chat.has(file) && !opened.has(file)
    )
  }
}

/** The bounds, from package.json. */
export function budget(): Readonly<Record<'loader' | 'widget' | 'panel', number>> {
  return (JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { budget: Sizes }).budget
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = measure()
  const bounds = budget()
  for (const name of ['loader', 'widget', 'panel'] as const) {
    const over = sizes[name] > bounds[name]
    console.log(`${over ? 'TOO BIG' : 'ok     '}  ${name.padEnd(6)}  ${sizes[name]} of ${bounds[name]} bytes brotli`)
    if (over) process.exitCode = 1
  }
  console.log(
    `         before the first click ${sizes.first}, a whole plain conversation ${sizes.loader + sizes.widget + sizes.panel}, ` +
      `beside it for when something fails ${sizes.beside}`
  )
  console.log(JSON.stringify(sizes))
}

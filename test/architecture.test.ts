import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))
const DEMO = fileURLToPath(new URL('../demo', import.meta.url))

const files = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith('.d.ts'))
    .map(file => ({ file: file.replaceAll('\\', '/'), code: readFileSync(join(root, file), 'utf8') }))

const PORTS = [
  'transport/transport.ts',
  'transport/errors.ts',
  'storage/storage.ts',
  'storage/errors.ts',
  'storage/keys.ts',
  'page/page.ts',
  'page/tabs.ts'
]
const ENTRIES = [
  'index.ts',
  'on-page.ts',
  'consent.ts',
  'mount-chat.ts',
  'mount-more.ts',
  'mount-options.ts',
  'script-tag.ts',
  'widget.ts',
  'loader.ts'
]

/** Which ring of the picture a file belongs to. */
function ring(file: string): string {
  if (PORTS.includes(file)) return 'port'
  if (ENTRIES.includes(file)) return file
  const [folder = '', second = ''] = file.split('/')
  if (folder === 'ui' && second === 'panel') return 'ui/panel'
  if (['transport', 'storage', 'page'].includes(folder)) return `adapter:${folder}`
  return folder
}

/** May a file of ring `from` import `to`? Types weigh nothing, so some arrows are for types only. */
function allowed(from: string, to: string, target: string, typeOnly: boolean, dynamic: boolean): boolean {
  const toRing = ring(target)
  if (from === 'loader.ts') return typeOnly || target === 'mount-options.ts'
  if (from === 'index.ts' || from === 'on-page.ts' || from === 'consent.ts')
    return toRing !== 'ui' && toRing !== 'ui/panel' && toRing !== 'widget.ts'
  if (['widget.ts', 'script-tag.ts', 'mount-chat.ts', 'mount-more.ts', 'mount-options.ts'].includes(from))
    return toRing !== 'loader.ts' && toRing !== 'ui/panel'
  if (toRing === 'model' || from === toRing) return true
  switch (from) {
    case 'model':
      return false
    case 'port':
      return false
    case 'adapter:transport':
    case 'adapter:storage':
    case 'adapter:page':
      return toRing === 'port'
    case 'core':
      return toRing === 'port'
    case 'testing':
      return toRing === 'port' || ['transport/queue.ts', 'storage/memory.ts'].includes(target)
    case 'ui':
      return (toRing === 'core' && typeOnly) || (toRing === 'ui/panel' && dynamic)
    case 'ui/panel':
      return (toRing === 'core' && typeOnly) || toRing === 'ui'
  }
  throw new Error(`${to}: no rule for the ring ${from}`)
}

const PACKAGES: Readonly<Record<string, (file: string) => boolean>> = {
  preact: file => file.startsWith('ui/panel/'),
  'preact/hooks': file => file.startsWith('ui/panel/'),
  nanostores: file => file.startsWith('core/') || file.startsWith('ui/'),
  'idb-keyval': file => file === 'storage/idb.ts'
}

interface Import {
  readonly what: string
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

function imports(code: string): readonly Import[] {
  const found: Import[] = []
  for (const [, word, names, what] of code.matchAll(/^(import|export)\s([^'"]*?)\s?from\s'([^']+)'/gm)) {
    const members = /^\{([\s\S]*)\}$/
      .exec(names!.trim())?.[1]
      ?.split(',')
      .map(name => name.trim())
      .filter(Boolean)
    const typeOnly = names!.startsWith('type ') || (members?.every(name => name.startsWith('type ')) ?? false)
    found.push({ what: what!, typeOnly, dynamic: false })
    if (!word) throw new Error('unreachable')
  }
  for (const [, what] of code.matchAll(/^import\s'([^']+)'/gm))
    found.push({ what: what!, typeOnly: false, dynamic: false })
  for (const [, what] of code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) {
    // `import('x').T` in a type is the same arrow, and weighs nothing.
    found.push({ what: what!, typeOnly: false, dynamic: true })
  }
  return found
}

const sources = files(SRC)
const resolve = (from: string, what: string) =>
  relative(SRC, normalize(join(SRC, dirname(from), what)))
    .replaceAll('\\', '/')
    .replace(/\?.*$/, '')

describe('src', () => {
  it('has imports that point down', () => {
    const wrong: string[] = []
    for (const { file, code } of sources) {
      for (const { what, typeOnly, dynamic } of imports(code)) {
        const fine = what.startsWith('.')
          ? allowed(ring(file), file, resolve(file, what), typeOnly, dynamic)
          : (PACKAGES[what]?.(file) ?? false)
        if (!fine) wrong.push(`${file} imports ${what}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('has no cycles', () => {
    const graph = new Map(
      sources.map(({ file, code }) => [
        file,
        imports(code)
          .filter(({ what, typeOnly }) => what.startsWith('.') && !typeOnly)
          .map(({ what }) => resolve(file, what))
      ])
    )
    const cycles: string[] = []
    const walk = (file: string, path: readonly string[]) => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      else for (const next of graph.get(file) ?? []) walk(next, [...path, file])
    }
    for (const { file } of sources) walk(file, [])
    expect(cycles).toEqual([])
  })

  it('keeps the page out of model and core', () => {
    const wrong = sources
      .filter(({ file }) => /^(core|model)\//.test(file))
      .flatMap(({ file, code }) => {
        const plain = code.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'[^'\n]*'/g, "''")
        const found = /\b(window|document|navigator|localStorage|sessionStorage)\b/.exec(plain)
        return found ? [`${file} mentions ${found[0]}`] : []
      })
    expect(wrong).toEqual([])
  })

  it('sets each $store only in the file that makes it', () => {
    const wrong = sources.flatMap(({ file, code }) =>
      [...code.matchAll(/(\$\w+)\.set\(/g)]
        .filter(([, name]) => !new RegExp(`const \\${name}\\b`).test(code))
        .map(([, name]) => `${file} sets ${name}`)
    )
    expect(wrong).toEqual([])
  })

  it('turns no text into elements, and no text into code', () => {
    const sinks =
      /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|document\.write|eval\(|new Function|DOMParser)\b/
    const everything = [...sources, ...files(DEMO).map(({ file, code }) => ({ file: `demo/${file}`, code }))]
    expect(everything.filter(({ code }) => sinks.test(code)).map(({ file }) => file)).toEqual([])
  })

  it('has no class in two stylesheets of the panel, of which one would change what the other is for when it is loaded', () => {
    const root = join(SRC, 'ui/panel')
    const sheets = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.css'))
    const of = new Map<string, Set<string>>()
    for (const sheet of sheets) {
      const rules = readFileSync(join(root, sheet), 'utf8').matchAll(/([^{}]+)\{/g)
      for (const name of [...rules].flatMap(([, selectors = '']) => selectors.split(',')).map(one => one.trim())) {
        if (/^\.[\w-]+$/.test(name)) of.set(name, (of.get(name) ?? new Set()).add(sheet))
      }
    }
    expect(of.size).toBeGreaterThan(100)
    const twice = [...of].filter(([, found]) => found.size > 1).map(([name]) => name)
    // What leads to the newest messages, which has another place beside what was searched.
    expect(twice).toEqual(['.jump'])
  })

  it('makes ids from randomness, and order from no clock', () => {
    const wrong = sources.filter(({ code }) => /Math\.random\(/.test(code)).map(({ file }) => file)
    expect(wrong).toEqual([])
  })
})

describe('demo', () => {
  it('is never imported by src', () => {
    expect(sources.filter(({ code }) => /from '[^']*demo\//.test(code)).map(({ file }) => file)).toEqual([])
  })
})

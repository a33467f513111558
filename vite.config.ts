import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { minify as terser } from 'terser'
import { defineConfig } from 'vitest/config'

const pkg = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  name: string
  version: string
  license: string
  dependencies: Record<string, string>
}
const banner = `/*! ${pkg.name} ${pkg.version} | ${pkg.license} */`

const here = new URL('.', import.meta.url).pathname

/**
 * The folder of late files: one for all, because each names others, and a change to one renames nearly all of them anyway.
 * They find each other without it, so that only the first file has its bytes, and the others are as large in each release.
 */
const release = () => {
  const hash = createHash('sha256')
  const sources = readdirSync(`${here}src`, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(tsx?|css)$/.test(file))
    .map(file => `src/${file}`)
  for (const file of ['package-lock.json', 'vite.config.ts', ...sources.sort()]) hash.update(readFileSync(here + file))
  return hash.digest('hex').slice(0, 8)
}

/** What every bundle for browsers shares. Library mode alone leaves `process.env` and white space in place. */
const production = { 'process.env.NODE_ENV': JSON.stringify('production') }
const target = ['es2022', 'safari16.4', 'firefox115']
const bundle = {
  target,
  sourcemap: true,
  emptyOutDir: false,
  modulePreload: false,
  reportCompressedSize: false
} as const

/**
 * Orders of letters for short names: which one leaves the fewest bytes once they are compressed is luck, for each file. Tried
 * for those that everybody loads: as often as terser finds them, and some others, also shuffled a little, always in the same
 * ways.
 */
const ORDERS = [
  'etnrisouaflchpdvmgybwESxTNCkLAOM_DPHBjFIqRUzWXV$JKQGYZ',
  'etaoinsrhldcumfpgwybvkxjqzETAOINSRHLDCUMFPGWYBVKXJQZ_$',
  'teanriolscudphmgfbvywkxqjzABCDEFGHIJKLMNOPQRSTUVWXYZ_$',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$'
]
const NAMINGS = [
  undefined,
  ...ORDERS.flatMap(letters =>
    Array.from({ length: 10 }, (_, i) => {
      const place = (letter: string, at: number) =>
        at + (i && createHash('sha256').update(`${i}${letter}`).digest()[0]! / 64)
      const order = [...letters].map((letter, at) => [letter, place(letter, at)] as const)
      return order
        .sort(([, a], [, b]) => a - b)
        .map(([letter]) => letter)
        .join('')
    })
  )
]

/** What is left of white space in styles after they are minified: where a value is only known with its custom properties. */
const tight = {
  name: 'tight',
  enforce: 'post',
  transform: (code: string, id: string) =>
    id.includes('.css?inline')
      ? { code: code.replaceAll(', ', ',').replaceAll(/ \* (?=var|\d)/g, '*'), map: null }
      : undefined
} as const

/** The nth short name that is made of these letters, and behind the first of digits. */
const nameOf = (letters: string, n: number, more = ''): string => {
  const signs = letters + more
  const rest = Math.floor(n / signs.length)
  return signs[n % signs.length]! + (rest ? nameOf(letters, rest - 1, '0123456789') : '')
}

type Bundle = Record<string, { type: string; code?: string; map?: unknown }>

/** Takes another 3 % off what is minified already; with several passes it sees what one pass cannot. */
const squeeze = {
  name: 'squeeze',
  async generateBundle(_: unknown, bundle: Bundle) {
    withoutNamespaces(bundle)
    for (const [name, chunk] of Object.entries(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.code) continue
      const whole = withPatience(chunk.code, name)
      const isForAll = /\b(widget|chat|panel|rare)\.js$/.test(name)
      // What Preact keeps for itself begins with an underscore, and nothing else here does but short names of exports.
      const properties = { regex: /^_\w{2,}$/ }
      const common = { module: true, ecma: 2020, format: { comments: /^!/ } } as const
      const short = await terser(whole, {
        ...common,
        compress: {
          passes: 3,
          unsafe_arrows: true,
          pure_getters: true,
          keep_fargs: false,
          hoist_funs: false,
          arrows: false
        },
        mangle: { toplevel: false, properties },
        sourceMap: { content: chunk.map as never, asObject: true }
      })
      const named = (letters: string | undefined, map?: unknown) =>
        terser(short.code!, {
          ...common,
          compress: false,
          mangle: {
            toplevel: true,
            properties,
            ...(letters && { nth_identifier: { get: (n: number) => nameOf(letters, n) } })
          },
          ...(map ? { sourceMap: { content: map as never, asObject: true } } : {})
        })
      let best: string | undefined
      let least = Number.POSITIVE_INFINITY
      for (const letters of isForAll ? NAMINGS : []) {
        const size = brotliCompressSync((await named(letters)).code!).length
        if (size < least) [best, least] = [letters, size]
      }
      const { code, map } = await named(best, short.map)
      chunk.code = code!
      chunk.map = map
    }
  }
}

/**
 * Lets files that load late export what is in them by its own name, in place of an object for each module: an import gives
 * such an object anyway. The helper that makes them would be one more request before the first answer, or more bytes.
 */
function withoutNamespaces(bundle: Bundle): void {
  /** What a file had exported, and does no more, as `panel.js a`. */
  const gone = new Set<string>()
  const chunks = Object.entries(bundle).filter(([, { type }]) => type === 'chunk')
  for (const [name, chunk] of chunks) {
    const code = chunk.code ?? ''
    const [found, helper] =
      /import\s*\{\s*t as (\w+)\s*\}\s*from\s*["'][^"']+rolldown-runtime\.js["'];?/.exec(code) ?? []
    if (name.includes('rolldown-runtime')) delete bundle[name]
    if (!found) continue
    const made = new RegExp(`([\\w$]+)=/\\* @__PURE__ \\*/ ?${helper}\\(\\{([^}]+)\\}\\)`, 'g')
    const exported = /export\{([^}]+)\};?\s*$/.exec(code)!
    const names = new Map(exported[1]!.split(',').map(one => one.split(' as ').reverse() as [string, string]))
    for (const [, space, members] of code.matchAll(made)) {
      const [alias] = [...names].find(([, local]) => local === space) ?? []
      if (!alias) throw new Error(`${name} makes an object of a module, ${space}, and does not export it`)
      names.delete(alias)
      gone.add(`${basename(name)} ${alias}`)
      for (const [, member, local] of members!.matchAll(/([\w$]+):\(\)=>([\w$]+)/g)) {
        if (names.has(member!)) throw new Error(`two modules of ${name} export ${member}`)
        names.set(member!, local!)
      }
    }
    const list = [...names].map(([member, local]) => `${local} as ${member}`)
    chunk.code = code.replace(exported[0], `export{${list}};`).replace(found, '').replace(made, '$1=0')
  }
  for (const [, chunk] of chunks)
    chunk.code = (chunk.code ?? '').replace(
      /(import\([`"'](?:[^`"']*\/)?([\w-]+\.js)[`"']\))\.then\((\w+)=>\3\.([\w$]+)\)/g,
      (all, whole: string, file: string, _, alias: string) => (gone.has(`${file} ${alias}`) ? whole : all)
    )
}

/**
 * Asks once more for a late file that does not come, under another address: a network may swallow a request and tell
 * nobody, and a browser waits for ever, for this address. Only in the panel: where nobody has opened it, nothing is said,
 * and each byte is loaded by all. The new name is as long as the old, so that the source map still fits.
 */
function withPatience(code: string, name: string): string {
  if (!name.endsWith('/panel.js')) return code
  const patient = `
function obtain(path, timer) { return Promise.race([import(path).finally(() => clearTimeout(timer)), new Promise(resolve => { timer = setTimeout(resolve, 9000) }).then(() => obtain(path + '?'))]) }`
  if (/\bobtain\b/.test(code)) throw new Error('panel.js has a name of its own for what asks again')
  return code.replace(/\bimport\((?=["'`]\.\/)/g, 'obtain(') + patient
}

/**
 * Preact from its sources, without what nothing here asks of it: taking over what a server rendered, suspending,
 * portals, classes, contexts that change, error boundaries, `style` attributes, MathML, and the way from a string to HTML. Each edit is a
 * place in the sources of the pinned version and what stands there instead, and must be found; the tests in a browser run what comes out.
 */
const leanPreact = {
  name: 'lean-preact',
  enforce: 'pre',
  resolveId: (id: string) =>
    id === 'preact'
      ? `${here}node_modules/preact/src/index.js`
      : id === 'preact/hooks'
        ? `${here}node_modules/preact/hooks/src/index.js`
        : undefined,
  transform(code: string, id: string) {
    const file = /preact\/((?:hooks\/)?src\/.+\.js)$/.exec(id)?.[1]
    if (!file) return undefined
    return { code: edited(file, code, PREACT_EDITS[file] ?? []), map: null }
  }
} as const

function edited(name: string, code: string, edits: readonly Edit[]): string {
  return edits.reduce((before, [found, instead]) => {
    const after = before.replace(found, instead)
    if (after === before) throw new Error(`${name} is not what it was: there is no ${found} in it`)
    return after
  }, code)
}

/** Arguments that would only say that there is nothing to take over. */
const TAKEN_OVER: Edit = [/^\t+(isHydrating|excessDomChildren),\n/gm, '']
type Edit = readonly [found: RegExp, instead: string]
const PREACT_EDITS: Readonly<Record<string, readonly Edit[]>> = {
  'src/render.js': [
    [/let isHydrating = .+;/, ''],
    [/isHydrating \? NULL : parentDom/, 'parentDom'],
    [/\t\toldVNode\n\t\t\t\? NULL\n[^,]+,\n/, ''],
    [/.*bit-wise operation.*\n\t+isHydrating,\n/, ''],
    [/if \(options\._root\).+\n/, ''],
    [/if \(parentDom\.nodeType == 9\) \{[^}]+\}/, '']
  ],
  'src/component.js': [
    [/^\t+oldVNode\._flags & MODE_HYDRATE \? .+\n/m, ''],
    [/^\t+oldVNode\._flags & MODE_HYDRATE,\n/m, ''],
    [/if \(options\.vnode\).+/, ''],
    [/if \(callback\) \{[^}]+\}/, ''],
    [/if \(typeof update == 'function'\) \{[\s\S]+?\n\t\}/, ''],
    [/BaseComponent\.prototype\.forceUpdate = [\s\S]+?\n\};/, ''],
    [/ && !vnode\.props\._parentDom(?=\) \{)/, ''],
    [/ && !vnode\.props\._parentDom/, ''],
    [/ \|\|\n\t\tprevDebounce != options\.debounceRendering/, ''],
    [/prevDebounce = options\.debounceRendering;/, ''],
    [/\(prevDebounce \|\| queueMicrotask\)/g, 'queueMicrotask']
  ],
  'src/create-element.js': [
    [/if \(!original && options\.vnode\).+/, ''],
    // Children are a property here, always.
    [/if \(length > 2\) \{[^}]+\}/, ''],
    [/,\n\t+length = arguments\.length/, '']
  ],
  'src/create-context.js': [
    // What is given stays what it is: there is nothing to hear of.
    [/let subs = new Set\(\);/, ''],
    [/this\.shouldComponentUpdate = [\s\S]+?\n\t{3}\};/, ''],
    [/this\.sub = [\s\S]+?\n\t{3}\};/, ''],
    [/Context\._defaultValue = .+/, ''],
    [/Context\.Consumer = [\s\S]+?\};/, ''],
    [/Context\.Consumer\.contextType = /, '']
  ],
  'src/options.js': [
    [/import \{ _catchError \}.+/, ''],
    [/\t_catchError\n/, '']
  ],
  'src/diff/props.js': [
    [/if \(name == 'style'\) \{[\s\S]+?\n\t\}\n.+\n\telse if/, 'if'],
    [/useCapture = .+\n/, ''],
    [/proxy, useCapture/g, 'proxy'],
    [/name = name\.replace\(\/xlink.+/, ''],
    [/\n\t+name != '(?:list|form|download|rowSpan|colSpan|popover)' &&/g, ''],
    [/options\.event \? options\.event\(e\) : e/, 'e'],
    [/name == 'popover' && value == true \? '' : value/, 'value']
  ],
  'src/diff/children.js': [
    TAKEN_OVER,
    [/\|\| oldVNode\._flags & REF_DETACHED/, ''],
    [/if \(parentVNode\.props\._parentDom\) return oldDom;/, ''],
    // Also without suspending: a cursor may be a node that was taken out while its sibling moved.
    [/if \(oldDom && !oldDom\.parentNode\) oldDom = NULL;/, ''],
    [/while \(next && next\.nodeType == 8\).+/, ''],
    [/while \(\n\t\t\(oldDom = oldDom[\s\S]+?\);/, 'oldDom = oldDom && oldDom.nextSibling;'],
    [/ \|\|\n\t+childVNode\.constructor === String/, ''],
    // All that moved are put in anew, instead of as few as possible: lists are short here.
    [
      /let tails = \[\];[\s\S]+?\n\t\}\n(?=\n\t\/\/ Remove remaining)/,
      'for (i of newChildren) if (i && i._flags & LIS_CANDIDATE) i._flags |= INSERT_VNODE;\n\t}\n'
    ]
  ],
  'src/diff/index.js': [
    TAKEN_OVER,
    [/\tif \(\n\t\toldVNode\._flags & MODE_SUSPENDED[\s\S]+?\n\t\}\n/, ''],
    [/const isClassComponent = .+/, 'const isClassComponent = false;'],
    [/tmp = newType\.contextType;\n[\s\S]+?: globalContext;/, 'const componentContext = globalContext;'],
    [/if \(provider\).+/, ''],
    [/if \(newProps\._parentDom\) \{[\s\S]+?getDomSibling\(oldVNode, 0\) : NULL;\n\t+\}/, ''],
    [/if \(newProps\._parentDom\) \{[^}]+\}/, ''],
    [/newVNode\._flags &= RESET_MODE;/, ''],
    [/if \(resumed\).+/, ''],
    [/if \(isHydrating \|\| excessDomChildren\) \{[\s\S]+\} else (?=\{\n\t+newVNode\._dom = oldVNode\._dom;)/, ''],
    [/if \(!\(e && e\.then\)\) /, ''],
    [/if \(c\._bits & COMPONENT_PENDING_ERROR\) \{[^}]+\}/, ''],
    [/if \(c\._bits & COMPONENT_PROCESSING_EXCEPTION\) \{[^}]+\}/, ''],
    [/if \(excessDomChildren\) \{\n[\s\S]+?\n\t\}\n/, ''],
    [/if \(isHydrating\) \{[\s\S]+?\n\t\t\}/, ''],
    [/^\t+excessDomChildren = NULL;/m, ''],
    [/excessDomChildren =\n[^;]+;/, ''],
    [/if \(!isHydrating && excessDomChildren\) \{[\s\S]+?\n\t\t\}\n/, ''],
    [/if \(excessDomChildren\) .+/, ''],
    [/excessDomChildren\n\t+\? excessDomChildren\[0\]\n\t+: /, ''],
    [/\bisHydrating\b/g, 'false'],
    [/if \(i == 'dangerouslySetInnerHTML'\) \{\n\t+oldHtml = value;\n\t+\} else if/, 'if'],
    [/ else if \(i == 'dangerouslySetInnerHTML'\) \{\n\t+newHtml = value;\n\t+\}/, ''],
    [/ &&\n\t+!\(i == 'value' && 'defaultValue'.+\n.+'defaultChecked' in newProps\)/, ''],
    [/namespace == MATH_NAMESPACE && .+/, 'false)'],
    [/nodeType == 'foreignObject' \|\|/, ''],
    [/else if \(nodeType == 'math'\).+/, ''],
    [/nodeType == 'progress' && inputValue == NULL/, 'false'],
    [/ \|\| \(nodeType == 'progress' && !inputValue\)/, ''],
    [/\(nodeType == 'template' && dom\.content\) \|\| dom/, 'dom'],
    [/newProps\.is \? newProps : parentDom/, 'parentDom'],
    [/skipRemove && !vnode\.props\._parentDom/, 'skipRemove'],
    [/if \(\n\t\t!skipRemove &&\n[\s\S]+?\n\t\}/, ''],
    // Nobody is there to catch it: an error goes to whoever rendered.
    [/\t\ttry \{\n(?=\t+let c,)/, ''],
    [/\t\t\} catch \(e\) \{\n\t+\/\/ We remove any[\s\S]+?_catchError\(e, newVNode, oldVNode\);\n\t\t\}/, ''],
    [/\t\ttry \{\n([\s\S]+?)\t\t\} catch \(e\) \{\n\t+options\._catchError\(e, c\._vnode\);\n\t\t\}/, '$1'],
    [/\ttry \{\n(\t\tif \(typeof ref[\s\S]+?)\t\} catch \(e\) \{\n\t+options\._catchError\(e, vnode\);\n\t\}/, '$1'],
    // No component is a class, and no context changes: nobody asks whether to render, or hears that it will be.
    [/ \|\|\n\t+\(!\(c\._bits & COMPONENT_FORCE\) &&\n[\s\S]+?=== false\)/, ''],
    [/if \(newVNode\._original != oldVNode\._original\) \{[\s\S]+?\n\t{5}\}/, ''],
    [/if \(c\.componentWillUpdate\) \{[^}]+\}/, ''],
    [/c\._bits &= ~COMPONENT_FORCE;/, ''],
    [/if \(r\.componentWillUnmount\) \{[\s\S]+?\n\t\t\}\n/, '']
  ],
  'hooks/src/index.js': [
    [/const state = getHookState\(currentIndex\+\+, 9\);[\s\S]+?provider\.sub\(currentComponent\);\n\t\}/, ''],
    [/^let old\w+ = options\..+/gm, ''],
    [/if \(old(?!Args)\w+\) old\w+\(.+\);/g, ''],
    [/options\._root = [\s\S]+?\n\};/, ''],
    [/if \(options\._hook\) \{[^}]+\}/, ''],
    [/!options\._skipEffects && /g, ''],
    [/^\t+currentHook = \d+;/gm, ''],
    [/if \(!currentComponent\._hasScuFromHooks\) \{[\s\S]+?\n\t\t\}\n/, ''],
    [/!init \? invokeOrReturn\(undefined, initialState\) : init\(initialState\)/, 'invokeOrReturn(0, initialState)'],
    // What an effect throws is not caught for a boundary, for there is none; what it left is cleared at once. No effect is
    // done twice: one that throws, behind one that asks for another render, would go round for ever.
    [
      /\t\ttry \{\n\t+component\._renderCallbacks\.some[\s\S]+?\);\n\t\t\} catch \(e\) \{[\s\S]+?\n\t\t\}/,
      'const effects = component._renderCallbacks; component._renderCallbacks = [];' +
        'effects.some(invokeCleanup); effects.some(invokeEffect);'
    ],
    [/let hasErrored[\s\S]+?c\.__hooks = undefined;[\s\S]+?\n\t\}/, 'c.__hooks._list.some(invokeCleanup);\n\t}'],
    [/\t\/\/ The loop picks up[\s\S]+?(?=\t\twhile \(\(component = afterPaintEffects)/, ''],
    [
      /\t\t\ttry \{\n(\t+hooks\._pendingEffects\.some[\s\S]+?hooks\._pendingEffects = \[\];)\n\t\t\t\} catch[\s\S]+?\n\t\t\t\}/,
      '$1'
    ],
    [/\t\} while \(unmountCleanups\.length\);/, ''],
    [/ \|\| prevRaf != options\.requestAnimationFrame/, ''],
    [/prevRaf = options\.requestAnimationFrame;\n\t\t\(prevRaf \|\| afterNextFrame\)/, 'afterNextFrame'],
    [/if \(HAS_RAF\) /g, ''],
    [/const comp = currentComponent;/g, ''],
    [/currentComponent = comp;/g, '']
  ]
}

/**
 * nanostores counts its epochs on `globalThis`; a script tag brings its own copy, and leaves no second global. What is
 * for computed stores, for those that mount, and for maps is left out of it.
 */
const NANOSTORES_EDITS: readonly Edit[] = [
  [/globalThis\.nanostoresGlobal \|\|= /, ''],
  [/nanostoresGlobal\.epoch\+\+/, ''],
  [/eq: Object\.is,/, ''],
  [/\$atom\.eq\(/, 'Object.is('],
  [/init: initialValue,\n\s+lc: 0,/, ''],
  [/if \(!\$atom\.lc\) \{[\s\S]+?\n {6}\}\n/, ''],
  [/\$atom\.lc = (?=listeners)/, ''],
  [/if \(!--\$atom\.lc\) \$atom\.off\(\)/, ''],
  [/off\(\) \{\},/, ''],
  // Nothing here asks what a value was before, nor which of its keys changed.
  [/QUEUE_ITEMS_PER_LISTENER = 4/, 'QUEUE_ITEMS_PER_LISTENER = 2'],
  [/(listenerQueue\[i \+ 1\]\.value),\s+listenerQueue\[i \+ 2\],\s+listenerQueue\[i \+ 3\]/, '$1'],
  [/notify\(oldValue, changedKey\)/, 'notify()'],
  [/\$atom,\s+oldValue,\s+batchSeen \? undefined : changedKey/, '$atom'],
  [/notify\(oldValue\)/, 'notify()']
]
const leanNanostores = {
  name: 'lean-nanostores',
  transform: (code: string, id: string) =>
    id.includes('nanostores/atom') ? { code: edited('nanostores', code, NANOSTORES_EDITS), map: null } : undefined
}

/** What lies beside a source of the server (migrations, a worker, pages) is found from there, wherever it is built to. */
const besideSources = () => {
  let out: string
  return {
    name: 'beside-sources',
    configResolved({ root, build }: { readonly root: string; readonly build: { readonly outDir: string } }) {
      out = resolve(root, build.outDir)
    },
    transform(code: string, id: string) {
      if (!code.includes('import.meta.url') || id.includes('/node_modules/')) return undefined
      const source = `new URL(${JSON.stringify(relative(out, id))}, import.meta.url).href`
      return { code: code.replaceAll('import.meta.url', source), map: null }
    }
  }
}

/** One build each: `vite build --mode npm | cdn | loader | server | inbox | shop`; `npm run build` makes them all. */
const builds = {
  // For bundlers: dependencies stay outside, nothing is minified.
  npm: {
    build: {
      ...bundle,
      outDir: 'dist/esm',
      minify: false,
      cssMinify: true,
      lib: {
        entry: { index: 'src/index.ts', widget: 'src/widget.ts', testing: 'src/testing/index.ts' },
        formats: ['es']
      },
      rolldownOptions: {
        external: Object.keys(pkg.dependencies).map(name => new RegExp(`^${name}(/.*)?$`)),
        output: { chunkFileNames: 'chunks/[name].js' }
      }
    }
  },
  // For the script tag: everything inside, split at what loads late. Library mode, because the other one adds a preload
  // helper of 1 kB that creates <link> elements.
  cdn: {
    // There is always a page: what serves servers is left out.
    define: { ...production, 'typeof document': '"object"', 'typeof location': '"object"' },
    plugins: [leanPreact, leanNanostores, tight, squeeze],
    resolve: { alias: { 'preact/jsx-runtime': new URL('src/ui/panel/jsx.ts', import.meta.url).pathname } },
    build: {
      ...bundle,
      // Beside the files, not named in them: the name is bytes that every visitor would load.
      sourcemap: 'hidden',
      outDir: 'dist/cdn',
      minify: 'oxc',
      cssMinify: true,
      lib: { entry: { widget: 'src/script-tag.ts', more: 'src/mount-more.ts' }, formats: ['es'] },
      license: { fileName: 'third-party.md' },
      rolldownOptions: {
        // Squeezing takes its seconds, every time.
        checks: { pluginTimings: false },
        // Late chunks take what they share with the entry from the entry itself: one request before the first click.
        preserveEntrySignatures: 'allow-extension',
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: `${release()}/[name].js`,
          // One file for what listens, one for what talks and shows: each request is a wait.
          codeSplitting: {
            includeDependenciesRecursively: false,
            groups: [
              // What hardly anybody needs, in one file: the name of each more is bytes that everybody loads. It stands
              // alone and comes with the panel, so that it is there when something fails.
              {
                name: 'rare',
                test: /src\/(core\/(holding|reconcile|recovery|files|search|promises|rating)|model\/merge|storage\/(late|leaving|claim|memory|alone)|page\/no-locks|transport\/upload)/
              },
              {
                name: 'panel',
                test: /src\/(ui\/panel\/[^/]+$|ui\/strings\/en\.ts|core\/(talk|status|inbox|leaving|sending|outbox-row|messages|drafts|typing|sessions)\.ts|storage\/keys\.ts|transport\/asking\.ts|model\/(command|message|session)\.ts)|\/preact\//
              },
              {
                name: 'chat',
                test: /src\/(core\/(?!recovery|reconcile|holding|numbers|search|files|promises|rating|status)|model\/(?!attach|command|markup|message|merge|pattern|rule|picture|code|form|shape)|on-page|page\/browser|storage\/(idb|open|errors)|transport\/(errors|queue|server-frames|exchange|eager|websocket))|nanostores|idb-keyval/
              }
            ]
          },
          minify: true,
          postBanner: ({ isEntry }: { readonly isEntry: boolean }) => (isEntry ? banner : '')
        }
      }
    }
  },
  loader: {
    define: production,
    build: {
      ...bundle,
      // Beside the files, not named in them: the name is bytes that every visitor would load.
      sourcemap: 'hidden',
      outDir: 'dist/cdn',
      minify: 'oxc',
      lib: { entry: 'src/loader.ts', formats: ['iife'], name: 'PorchlightLoader', fileName: () => 'loader.js' },
      rolldownOptions: { output: { postBanner: banner, codeSplitting: false } }
    }
  },
  // What `npm start` runs, with all it needs in one file: it is there in half the time, and whoever comes before that is
  // turned away.
  server: {
    plugins: [besideSources()],
    ssr: { noExternal: true, external: ['@electric-sql/pglite'] },
    build: {
      ...bundle,
      target: 'node20',
      outDir: 'dist/server',
      ssr: true,
      minify: false,
      rolldownOptions: { input: { main: 'demo/server/main.ts' }, output: { chunkFileNames: '[name].js' } }
    }
  },
  inbox: {
    root: 'demo/inbox',
    base: '/inbox/',
    build: { target, outDir: '../../dist/inbox', emptyOutDir: true, sourcemap: true, reportCompressedSize: false }
  },
  shop: {
    root: 'demo/shop',
    build: {
      target,
      outDir: '../../dist/shop',
      emptyOutDir: true,
      sourcemap: true,
      reportCompressedSize: false,
      rolldownOptions: { input: ['demo/shop/headless.html', 'demo/shop/gallery.html'] }
    }
  }
} as const

export default defineConfig(({ mode }) => ({
  publicDir: false,
  logLevel: 'warn',
  ...((builds as Record<string, object>)[mode] ?? {}),
  test: {
    reporters: ['default', './test/support/plain-reporter.ts'],
    css: true, // or an import of *.css?inline is an empty string
    restoreMocks: true,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          // Both of two cores: one is left free otherwise.
          maxWorkers: '100%',
          exclude: ['test/browser/**', 'test/demo/server/**', 'test/security/**', 'test/sim/simulation.test.ts']
        }
      },
      // Real servers, which mostly wait.
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/demo/server/**/*.test.ts'],
          globalSetup: ['test/demo/server/setup.ts'],
          maxWorkers: '100%',
          sequence: { groupOrder: 1 }
        }
      },
      // Rates that are held, and a real browser: one file after the other, so that they do not fight for two cores.
      {
        extends: true,
        test: {
          name: 'security',
          include: ['test/security/**/*.test.ts'],
          globalSetup: ['test/security/setup.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 }
        }
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/setup.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 60_000
        }
      },
      // Takes both cores for minutes.
      {
        extends: true,
        test: { name: 'simulation', include: ['test/sim/simulation.test.ts'], sequence: { groupOrder: 4 } }
      }
    ]
  }
}))

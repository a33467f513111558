import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A change to a source file: `find` must be there exactly once. */
export interface Patch {
  /** From the project's root: `src/core/outbox.ts`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** @throws {Error} If the source does not say exactly once what is to be changed. */
export function expectOnce({ file, find }: Patch): void {
  const times = readFileSync(root + file, 'utf8').split(find).length - 1
  if (times !== 1) throw new Error(`${file}: expected to find this once, found it ${times} times:\n${find}`)
}

/**
 * Makes one file of the simulation and everything it runs, in a cache folder. One file, because a file that is loaded
 * late would come at a time of its own and not of the simulated clock; and because a planted bug then lives in a copy.
 *
 * @returns The file.
 * @throws {Error} If a patch does not apply exactly once.
 */
export async function bundle(name: string, entry: string, patches: readonly Patch[] = []): Promise<string> {
  const folder = `${root}node_modules/.cache/porchlight-sim/${name}`
  for (const patch of patches) expectOnce(patch)
  const applied = new Set<Patch>()
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    plugins: [
      {
        name: 'simulated-disk',
        enforce: 'pre',
        resolveId: (source, importer) =>
          source.endsWith('/idb.ts') && importer?.includes('/src/') ? `${root}test/sim/browser/idb.ts` : undefined
      },
      {
        name: 'patch',
        enforce: 'pre',
        transform(code, id) {
          const file = relative(root, id)
          let patched = code
          for (const patch of patches) {
            if (patch.file !== file) continue
            applied.add(patch)
            patched = patched.replace(patch.find, () => patch.replace)
          }
          return patched.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
        }
      }
    ],
    build: {
      ssr: entry,
      target: 'node20',
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { output: { codeSplitting: false, entryFileNames: 'sim.mjs' } }
    }
  })
  const idle = patches.find(patch => !applied.has(patch))
  if (idle) throw new Error(`${idle.file}: is not part of the simulation, so a patch to it has no effect`)
  return `${folder}/sim.mjs`
}

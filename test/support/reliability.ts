import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeSentences } from './promises.ts'

/** What a command measured: figures, words and lists of them, as JSON has them. */
export type Figures = { readonly [name: string]: Figure }
type Figure = string | number | boolean | null | readonly Figure[] | Figures

const FILE = fileURLToPath(new URL('../../reliability.json', import.meta.url))

/**
 * Writes what a command measured under its own name into `reliability.json`, and leaves what the others wrote. Names are
 * sorted, so that the same figures make the same file. README.md says the same from then on.
 */
export function record(command: string, figures: Figures, file = FILE): void {
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Figures) : {}
  // Whoever reads it meanwhile finds the old file or the new one, never half of one.
  writeFileSync(`${file}.new`, `${JSON.stringify(sorted({ ...known, [command]: figures }), null, 2)}\n`)
  renameSync(`${file}.new`, file)
  if (file === FILE) writeSentences()
}

function sorted(value: Figure): Figure {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)])
  )
}

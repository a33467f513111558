import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figures, record } from '../support/reliability.ts'
import { FOLDER, SCALE } from './tally.ts'

/**
 * Gathers what the suites counted, and ends with one line of JSON. At a scale that was asked for it is written down, too:
 * `SECURITY_SCALE=10 npx vitest run --project security`.
 */
export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-security-'))
  process.env[FOLDER] = folder
  const began = Date.now()
  return () => {
    const suites = Object.fromEntries(
      readdirSync(folder).map(name => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Figures])
    )
    rmSync(folder, { recursive: true })
    const checks = Object.values(suites).reduce((sum, { checks }) => sum + Number(checks), 0)
    const figures = { scale: SCALE, checks, seconds: Math.round((Date.now() - began) / 1000), suites }
    console.log(JSON.stringify({ security: figures }))
    if (process.env.SECURITY_SCALE) record('security', figures)
  }
}

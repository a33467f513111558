import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from '../support/reliability.ts'

/** Names the variable that says where suites leave what they counted. */
export const FOLDER = 'SECURITY_FIGURES'

/** How much more than in a quick run is tried; 10 is what a release is judged by. */
export const SCALE = Number(process.env.SECURITY_SCALE || 1)

/** Says what a suite counted, and keeps it for the sum at the end. */
export function tally(suite: string, figures: Figures & { readonly checks: number }): void {
  const said = Object.entries(figures).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  console.log(`security, ${suite}: ${said.join(', ')}`)
  const folder = process.env[FOLDER]
  if (folder) writeFileSync(join(folder, suite), JSON.stringify(figures))
}

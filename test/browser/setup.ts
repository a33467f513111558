import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from '../support/chromium.ts'

/** Before the journeys: everything they look at has to be there. */
export default function setup(): void {
  for (const file of [
    'dist/cdn/widget.js',
    'dist/server/main.js',
    'dist/inbox/index.html',
    'dist/shop/headless.html'
  ]) {
    if (!existsSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)))) {
      throw new Error(`${file} is missing: run npm run build first (npm test does)`)
    }
  }
  ensureChromium()
}

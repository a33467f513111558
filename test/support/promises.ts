/**
 * What README.md says of the figures in `reliability.json`: a sentence for each command that has written there. Writing a
 * figure writes the sentence; `npx tsx test/support/promises.ts` writes all of them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Figures } from './reliability.ts'

const BEGIN = '<!-- made from reliability.json -->\n'
const END = '<!-- end -->'
const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

const count = (figure: unknown) => Number(figure).toLocaleString('en')
const wrong = ({ lost, duplicated, misordered }: Figures) =>
  `${count(lost)} lost, ${count(duplicated)} duplicated, ${count(misordered)} out of order`

/** In the order in which README.md says them. */
const SENTENCES: Readonly<Record<string, (figures: Figures) => string>> = {
  sim: of =>
    `**Simulated** (\`npm run sim\`): ${count(of.runs)} random histories of browsers, tabs, networks, disks and crashes, with ` +
    `${count(of.faults)} faults. ${count(of.accepted)} messages accepted, ${count(of.duplicateFrames)} frames sent again; ` +
    `${wrong(of)}, ${count(of.violations)} violations of any promise.`,
  teeth: of =>
    `**The checker itself** (\`npm run sim:teeth\`): ${count(of.caught)} of ${count(of.planted)} bugs that were planted on ` +
    'purpose were caught.',
  crash: of =>
    `**Cut off everywhere** (\`npm run crash\`): ${count(of.points)} places in sending, receiving, signing out and moving, each with ` +
    `${count(of.recoveries)} ways to recover. ${count(of.violations)} violations.`,
  kill: of =>
    `**Killed** (\`npm run kill\`): ${count(of.renderer)} times the page, ${count(of.browser)} times the whole browser and ` +
    `${count(of.server)} times the server, with SIGKILL, while messages were written. ${count(of.accepted)} accepted, ` +
    `${count(of.duplicateFrames)} commands sent again; ${wrong(of)}; runs that could not be judged: ${count(Number(of.other) + Number(of.emptied ?? 0))}.`,
  faults: of =>
    `**Faults in real browsers** (\`npm run faults\`): ${count(of.ok)} of ${count(Number(of.cells) - Number(of.notPossible))} kept ` +
    `within their bounds, in Chromium and Firefox, ${count(of.times)} times each.`,
  load: of =>
    `**Under load** (\`npm run load\`): the server stores and acknowledges ${Math.round(Number(of.ratioToEcho) * 100)} % of the messages ` +
    `per second that a bare \`ws\` echo server returns in the same run; ${count(of.lost)} lost, ${count(of.duplicated)} duplicated. ` +
    `At ${count(of.rate)} a second one in a hundred waits for its answer longer than ${waits(of)}${slower(of)}.`,
  mutate: of =>
    `**Mutated** (\`npm run mutate\`): the tests notice ${Math.floor(Number(of.score))} % of ${count(of.mutants)} small changes to the ` +
    'code that delivers.',
  security: of =>
    `**Attacked** (\`npx vitest run --project security\`): ${count(of.checks)} malformed frames, forged tokens, foreign origins, floods and requests for what belongs to others.`
}

const waits = ({ p99, p99Echo }: Figures) =>
  `${Math.round(Number(p99))} ms (${Math.round(Number(p99Echo))} ms for the echo)`

/** At which rate that is soon enough, if it is another one. */
const slower = ({ rate, prompt }: Figures) => {
  if (prompt === null) return ', and at any rate down to a sixteenth of that more than 15 ms longer than the echo’s'
  const at = prompt as Figures | undefined
  return at && at.rate !== rate ? `; at ${count(at.rate)} longer than ${waits(at)}` : ''
}

/** The list in README.md, in Markdown. */
export function sentences(figures: Figures): string {
  return Object.entries(SENTENCES)
    .flatMap(([command, say]) => (figures[command] ? [`- ${say(figures[command] as Figures)}\n`] : []))
    .join('')
}

/** The part of README.md that is made from figures. */
export function saidIn(readme: string): string {
  const [, rest] = readme.split(BEGIN)
  const [said, after] = rest?.split(END) ?? []
  if (said === undefined || after === undefined) throw new Error(`README.md: no ${BEGIN.trim()} … ${END}`)
  return said
}

export const read = (name: string) => readFileSync(file(name), 'utf8')

/** Makes README.md say what `reliability.json` holds. */
export function writeSentences(): void {
  const readme = read('README.md')
  const said = BEGIN + saidIn(readme) + END
  const now = BEGIN + sentences(JSON.parse(read('reliability.json')) as Figures) + END
  writeFileSync(
    file('README.md'),
    readme.replace(said, () => now)
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeSentences()

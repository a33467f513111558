/** How long between two lines where they cannot replace each other, in milliseconds. */
const RHYTHM = 5000

/** One line about how far it has come: on a terminal it replaces itself, elsewhere it comes now and then. */
export function createProgress(): { say(line: string): void; end(): void } {
  const { stderr } = process
  let last = Number.NEGATIVE_INFINITY
  return {
    say(line) {
      if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`)
      else if (performance.now() - last > RHYTHM) {
        last = performance.now()
        stderr.write(`${line}\n`)
      }
    },
    end() {
      if (stderr.isTTY) stderr.write('\r\x1b[K')
    }
  }
}

/** Says what happened, for whoever runs this. Never words of a visitor, tokens or e-mail addresses. */
export interface Log {
  info(what: string, facts?: Facts): void
  warn(what: string, facts?: Facts): void
  error(what: string, facts?: Facts): void
}

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>

/** One line each on the error stream; the standard output is for what a person or a script waits for. */
export const consoleLog: Log = {
  info: (what, facts) => write('info', what, facts),
  warn: (what, facts) => write('warn', what, facts),
  error: (what, facts) => write('error', what, facts)
}

export const silentLog: Log = { info() {}, warn() {}, error() {} }

/** What an error is, without what was given to it: a driver's error repeats parameters in `detail`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

function write(level: string, what: string, facts: Facts = {}) {
  const said = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value ?? null)}`)
  process.stderr.write(`${new Date().toISOString()} ${level} ${what}${said.join('')}\n`)
}

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Where the files of this folder that run in processes of their own lie when they are built. */
export const BUILT = fileURLToPath(new URL('../../node_modules/.cache/load', import.meta.url))

/** What a child can be asked to do, by name. */
export type Jobs = Readonly<Record<string, (input: never) => unknown>>

/** A process of its own that does jobs when asked. */
export interface Child<Does extends Jobs> {
  readonly pid: number
  ask<Name extends keyof Does>(job: Name, input: Parameters<Does[Name]>[0]): Promise<Awaited<ReturnType<Does[Name]>>>
  /** Lets it end by itself. Settles when the process is gone. */
  end(): Promise<void>
  /** The same, in the middle of whatever it does. */
  kill(): Promise<void>
}

interface Question {
  readonly id: number
  readonly job: string
  readonly input: unknown
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/**
 * Starts a file of this folder, as it was built. Settles when it calls {@link serve}.
 *
 * @throws {Error} If it ends before, with the last it said.
 */
export async function startChild<Does extends Jobs>(
  file: string,
  { env = {}, node = [] }: { readonly env?: Readonly<Record<string, string>>; readonly node?: readonly string[] } = {}
): Promise<Child<Does>> {
  const process_: ChildProcess = fork(`${BUILT}/${file.replace(/ts$/, 'js')}`, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    execArgv: [...node],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let said = ''
  let count = 0
  process_.stderr!.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-2000)
  })
  const gone = new Promise<void>(resolve => process_.once('exit', () => resolve()))
  const lost = () => new Error(`${file} ended (${process_.exitCode ?? process_.signalCode}): ${said.trim()}`)
  void gone.then(() => {
    for (const { reject } of pending.values()) reject(lost())
    pending.clear()
  })
  await new Promise<void>((resolve, reject) => {
    process_.on('message', (answer: Answer | 'ready') => {
      if (answer === 'ready') return resolve()
      const waiting = pending.get(answer.id)
      pending.delete(answer.id)
      if (answer.error === undefined) waiting?.resolve(answer.result as never)
      else waiting?.reject(new Error(`${file}: ${answer.error}`))
    })
    void gone.then(() => reject(lost()))
  })
  return {
    pid: process_.pid!,
    ask(job, input) {
      if (process_.exitCode !== null || process_.signalCode !== null) return Promise.reject(lost())
      const id = ++count
      return new Promise<never>((resolve, reject) => {
        pending.set(id, { resolve, reject })
        process_.send({ id, job: String(job), input } satisfies Question)
      })
    },
    async end() {
      if (process_.connected) process_.disconnect()
      await gone
    },
    async kill() {
      process_.kill('SIGKILL')
      await gone
    }
  }
}

/** In the child: answers questions from now on. Ends with the process that started it. */
export function serve(jobs: Jobs): void {
  process.on('message', async ({ id, job, input }: Question) => {
    try {
      process.send!({ id, result: await jobs[job]!(input as never) } satisfies Answer)
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', () => process.exit())
  process.send!('ready')
}

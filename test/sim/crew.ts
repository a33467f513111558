import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Report, Task } from './worker.ts'

/** What a process tells besides which history it plays. */
type Told = Exclude<Report, { readonly type: 'plays' }>

/** How long one history may take, in milliseconds: one that never ends has a page, or the server, running in a circle. */
const PATIENCE = 120_000

/**
 * Runs a task in a process of its own.
 *
 * @returns When it has ended.
 * @throws {Error} If it broke, with what it said last, or if a history does not end, with its seed.
 */
export function work(file: string, task: object, onReport: (report: Told) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, JSON.stringify(task)], {
      // What a program says of place and language must not depend on the machine.
      env: { ...process.env, TZ: 'UTC', LANG: 'en_US.UTF-8', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    // The others end with the one that breaks.
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    let complaints = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    child.stderr.on('data', data => {
      complaints = (complaints + String(data)).slice(-10_000)
    })
    createInterface({ input: child.stdout }).on('line', line => {
      try {
        const report = JSON.parse(line) as Report
        if (report.type !== 'plays') return onReport(report)
        clearTimeout(timer)
        timer = setTimeout(() => {
          child.kill('SIGKILL')
          reject(
            new Error(`the history of seed ${report.seed} does not end: npm run sim -- --seed ${report.seed} --runs 1`)
          )
        }, PATIENCE)
      } catch (error) {
        child.kill()
        reject(error)
      }
    })
    child.once('error', reject)
    child.once('close', code => {
      clearTimeout(timer)
      process.off('exit', end)
      if (code === 0) resolve()
      else reject(new Error(`the simulation stopped with ${code}:\n${complaints}`))
    })
  })
}

/** The same task for several processes, so that each history is run by one of them. */
export function shares(task: Task, jobs: number): readonly Task[] {
  return Array.from({ length: jobs }, (_, i) => ({ ...task, first: task.first + i, step: jobs }))
}

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Report, Task } from './worker.ts'

/**
 * Runs a task in a process of its own.
 *
 * @returns When it has ended.
 * @throws {Error} If it broke, with what it said last.
 */
export function work(file: string, task: object, onReport: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, JSON.stringify(task)], {
      // What a program says of place and language must not depend on the machine.
      env: { ...process.env, TZ: 'UTC', LANG: 'en_US.UTF-8', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let complaints = ''
    child.stderr.on('data', data => {
      complaints = (complaints + String(data)).slice(-10_000)
    })
    createInterface({ input: child.stdout }).on('line', line => {
      try {
        onReport(JSON.parse(line) as Report)
      } catch (error) {
        child.kill()
        reject(error)
      }
    })
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) resolve()
      else reject(new Error(`the simulation stopped with ${code}:\n${complaints}`))
    })
  })
}

/** The same task for several processes, so that each history is run by one of them. */
export function shares(task: Task, jobs: number): readonly Task[] {
  return Array.from({ length: jobs }, (_, i) => ({ ...task, first: task.first + i, step: jobs }))
}

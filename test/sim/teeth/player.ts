import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Answer, Ask } from './worker.ts'

/** A process that plays histories when asked to, one after the other. */
export interface Player {
  /** What is wrong in this history. */
  play(ask: Ask): Promise<Answer>
  close(): void
}

/** Longest time that a history may take, in milliseconds: whatever takes longer turns in circles. */
const PATIENCE = 120_000

/** @param file The bundled worker. */
export function createPlayer(file: string): Player {
  const child = spawn(process.execPath, [file], {
    // What a program says of place and language must not depend on the machine.
    env: { ...process.env, TZ: 'UTC', LANG: 'en_US.UTF-8', NODE_ENV: 'production' },
    stdio: ['pipe', 'pipe', 'pipe']
  })
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = []
  let complaints = ''
  let over: Error | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const end = (why: string) => {
    over ??= new Error(`the simulation ${why}${complaints && `:\n${complaints}`}`)
    clearTimeout(timer)
    child.kill()
    for (const { reject } of waiting.splice(0)) reject(over)
  }
  const watch = () => {
    clearTimeout(timer)
    if (waiting.length) timer = setTimeout(end, PATIENCE, `did not end within ${PATIENCE / 1000} s`)
  }
  child.stderr.on('data', data => {
    complaints = (complaints + String(data)).slice(-10_000)
  })
  createInterface({ input: child.stdout }).on('line', line => {
    waiting.shift()?.resolve(JSON.parse(line) as Answer)
    watch()
  })
  child.stdin.on('error', () => {
    /* it has ended, and `close` says so */
  })
  child.once('error', error => end(`could not begin: ${error.message}`))
  child.once('close', code => end(`stopped with ${code}`))

  return {
    play: ask =>
      new Promise((resolve, reject) => {
        if (over) return reject(over)
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify(ask)}\n`)
        if (waiting.length === 1) watch()
      }),
    close: () => end('was closed')
  }
}

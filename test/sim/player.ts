import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { bundle, type Patch } from './bundle.ts'

/** A process that plays histories when asked to, one after the other. */
export interface Player<Ask, Answer> {
  play(ask: Ask): Promise<Answer>
  close(): void
}

/** Longest time that a history may take, in milliseconds: whatever takes longer turns in circles. */
const PATIENCE = 120_000

let players = 0

/**
 * @param worker What it runs, from the project's root: answers each line with a line, both in JSON.
 * @param patches Changes to the source, in this player alone.
 */
export async function createPlayer<Ask, Answer>(
  worker: string,
  patches: readonly Patch[] = []
): Promise<Player<Ask, Answer>> {
  // In a folder of its own: other players may live at the same time, those of other processes included.
  const file = await bundle(`player-${process.pid}-${++players}`, worker, patches)
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
    if (over) return
    over = new Error(`the simulation ${why}${complaints && `:\n${complaints}`}`)
    clearTimeout(timer)
    child.kill()
    rmSync(dirname(file), { recursive: true, force: true })
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

/** One agent's inbox. */
import { createHistogram } from 'node:perf_hooks'
import type { WebSocket } from 'ws'
import type { AgentCommand, AgentServerFrame } from '../../demo/server/wire/agent-frames.ts'
import { createId } from '../../src/model/id.ts'
import { serve } from './child.ts'
import { dwindled, now } from './clock.ts'
import { openSocket, saidAt } from './line.ts'

let socket: WebSocket
let messages = 0
let duplicated = 0
/** Threads whose live chat was taken, and those that are still to be. */
const taken = new Set<string>()
const queued = new Set<string>()
/** The newest position of each thread. */
const last = new Map<string, number>()
// Up to ten minutes, in microseconds.
const waits = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 })

/** Milliseconds; what has not come then does not. */
const PATIENCE = 10_000

const act = (command: AgentCommand) => socket.send(JSON.stringify({ t: 'do', command }))

function hear(frame: AgentServerFrame) {
  switch (frame.t) {
    case 'ping':
      return socket.send('{"t":"pong"}')
    case 'ack':
      return takeNext()
    case 'nack':
      throw new Error(`nack: ${frame.code} ${frame.message}`)
    case 'message': {
      const { author, text, threadId, position } = frame.message
      if (position <= (last.get(threadId) ?? 0)) duplicated++
      else last.set(threadId, position)
      if (author !== 'visitor') return
      messages++
      waits.record(Math.max(1, Math.round((now() - saidAt(text)) * 1000)))
      return
    }
    case 'conversation': {
      const { thread, session } = frame.conversation
      if (session?.state !== 'queued' || taken.has(thread.id)) return
      queued.add(thread.id)
      if (queued.size === 1) takeNext()
    }
  }
}

let taking: string | undefined

/** Takes the chat that has waited longest, once the one before is taken. */
function takeNext() {
  if (taking !== undefined) {
    taken.add(taking)
    queued.delete(taking)
  }
  taking = queued.values().next().value
  if (taking !== undefined) act({ id: createId(), type: 'accept', threadId: taking })
}

const jobs = {
  async signIn({ url, email, password }: { url: string; email: string; password: string }) {
    const response = await fetch(`${url}/api/inbox/sign-in`, {
      method: 'POST',
      body: JSON.stringify({ email, password })
    })
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
    const { token } = (await response.json()) as { token: string }
    socket = await openSocket(`${url.replace('http', 'ws')}/api/inbox/socket`)
    const welcome = new Promise<void>((resolve, reject) => {
      socket.on('message', data => {
        const frame = JSON.parse(String(data)) as AgentServerFrame
        if (frame.t === 'welcome') resolve()
        hear(frame)
      })
      socket.once('close', code => reject(new Error(`the inbox was closed with ${code}`)))
    })
    socket.send(JSON.stringify({ t: 'hello', v: 1, token }))
    await welcome
  },

  /** Settles when so many messages of visitors have come, or none comes any more. */
  async until({ count }: { count: number }) {
    await dwindled(() => Math.max(0, count - messages), PATIENCE)
    return { at: now(), messages, duplicated }
  },

  /** Settles when so many live chats were taken, or none is taken any more. The desk takes each that waits. */
  async taken({ count }: { count: number }) {
    await dwindled(() => Math.max(0, count - taken.size), PATIENCE)
    return taken.size
  },

  /** How long messages took to come here since the last time it was asked, in milliseconds. */
  waits(_: null) {
    const read = { count: Number(waits.count), p50: waits.percentile(50) / 1000, p99: waits.percentile(99) / 1000 }
    waits.reset()
    return read
  },

  close(_: null) {
    socket.terminate()
  }
}
export type DeskJobs = typeof jobs
serve(jobs)

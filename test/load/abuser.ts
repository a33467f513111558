/**
 * Those who mean harm, each from an address of their own: they flood, they dawdle, they send what never ends; and they
 * come back at once when thrown out.
 */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { serve } from './child.ts'
import { pause } from './clock.ts'
import { openSocket } from './line.ts'

// It is what they send that is to hurt, not the time they take from others on the same machine.
setPriority(10)

let abusing = new AbortController()

/** Does it again and again, with a breath between, until told to stop. What goes wrong is what is meant to. */
async function again(deed: (signal: AbortSignal) => Promise<void>) {
  const { signal } = abusing
  while (!signal.aborted) {
    await deed(signal).catch(() => {})
    await pause(100)
  }
}

/** Ten times as many frames as are allowed, half of them wrong. */
async function flood(url: string, from: string, signal: AbortSignal) {
  const socket = await openSocket(url, from)
  const device = randomBytes(16).toString('base64url')
  socket.send(JSON.stringify({ t: 'hello', v: 1, device, term: 1, locale: '', zone: '' }))
  while (!signal.aborted && socket.readyState === socket.OPEN) {
    for (let i = 0; i < 10; i++) {
      socket.send('{"t":"hint","hint":{"type":"visit","url":"https://x.example","title":""}}')
      socket.send('{"t":"hint","hint":{"type":"visit","url":7}}')
    }
    await pause(40)
  }
  socket.terminate()
}

/** Connects and says hardly anything: a header that does not end, or no `hello`. */
async function dawdle(url: string, signal: AbortSignal) {
  const { port, pathname } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\n`)
  while (!signal.aborted && !socket.destroyed) {
    socket.write('X')
    await pause(200)
  }
  socket.destroy()
}

/** One message in pieces of 64 kB, without an end. */
async function sprawl(url: string, from: string, signal: AbortSignal) {
  const socket = await openSocket(url, from)
  const piece = Buffer.alloc(65_536, 'x')
  while (!signal.aborted && socket.readyState === socket.OPEN) {
    socket.send(piece, { fin: false, binary: false })
    await pause(50)
  }
  socket.terminate()
}

const jobs = {
  start({ url, each }: { url: string; each: number }) {
    abusing = new AbortController()
    for (let i = 0; i < each; i++) {
      void again(signal => flood(url, `172.16.0.${i}`, signal))
      void again(signal => dawdle(url, signal))
      void again(signal => sprawl(url, `172.16.1.${i}`, signal))
    }
  },
  async stop(_: null) {
    abusing.abort()
    await pause(300)
  }
}
export type AbuserJobs = typeof jobs
serve(jobs)

import { WebSocket } from 'ws'

/** One connection that says messages. */
export interface Line {
  /** Settles when the connection is ready to be used. */
  open(): Promise<void>
  say(heard: Heard): void
  /** How many messages were said and are not over yet. */
  readonly owed: number
  close(): void
}

export interface Heard {
  /** The other side has taken it: acknowledged, or echoed. */
  answered?(): void
  /** And it has come back as what everybody is told. */
  done?(): void
}

/** A message as a visitor's client sends it; some sixty characters of text, which begin with the time. */
export function messageFrame(id: string, n: number, threadId: string, at: number): string {
  const text = `${at} Which of these lanterns can hang outside all winter?`
  return `{"t":"send","command":{"id":"${id}","n":${n},"type":"message","threadId":"${threadId}","text":"${text}","attachments":[]},"again":false}`
}

/** When a message of {@link messageFrame} was said. */
export const saidAt = (text: string): number => Number.parseFloat(text)

/** Takes what it says for an answer when it comes back. */
export function createEchoLine(url: string): Line {
  let socket: WebSocket
  let n = 0
  const waiting: Heard[] = []
  return {
    async open() {
      socket = await openSocket(url)
      socket.on('message', data => {
        // Read as far as a client reads what it gets.
        JSON.parse(String(data))
        const heard = waiting.shift()
        heard?.answered?.()
        heard?.done?.()
      })
    },
    say(heard) {
      waiting.push(heard)
      n++
      socket.send(messageFrame(`echo-message-number-${n}`, n, 'echo-thread-of-22-chars', performance.now()))
    },
    get owed() {
      return waiting.length
    },
    close: () => socket.terminate()
  }
}

/**
 * @param from The address it says that it comes from.
 * @throws {Error} If it does not open, or closes before it has.
 */
export function openSocket(url: string, from = '10.0.0.0'): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, headers: { 'x-forwarded-for': from } })
    socket.once('open', () => resolve(socket))
    socket.on('error', reject)
  })
}

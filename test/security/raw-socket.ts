import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** What a WebSocket frame is made of, right or wrong. */
export interface RawFrame {
  readonly fin?: boolean
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number
  readonly opcode?: number
  readonly masked?: boolean
  readonly payload?: Buffer
  /** What the header says of the payload's length; default: the truth. */
  readonly length?: bigint
  /** In how many bytes that is written: 1, 3 or 9; default: as few as will do. */
  readonly lengthBytes?: 1 | 3 | 9
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export function encode({
  fin = true,
  reserved = 0,
  opcode = OPCODE.text,
  masked = true,
  payload = Buffer.alloc(0),
  length = BigInt(payload.length),
  lengthBytes = length < 126n ? 1 : length < 65_536n ? 3 : 9
}: RawFrame): Buffer {
  const head = Buffer.alloc(1 + lengthBytes)
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = masked ? 0x80 : 0
  if (lengthBytes === 1) head[1] = mask | Number(length)
  if (lengthBytes === 3) {
    head[1] = mask | 126
    head.writeUInt16BE(Number(length), 2)
  }
  if (lengthBytes === 9) {
    head[1] = mask | 127
    head.writeBigUInt64BE(length, 2)
  }
  if (!masked) return Buffer.concat([head, payload])
  const key = randomBytes(4)
  return Buffer.concat([head, key, payload.map((byte, i) => byte ^ key[i % 4]!)])
}

export const text = (value: string): Buffer => encode({ payload: Buffer.from(value, 'utf8') })

/** A socket on which the handshake is done, and bytes are bytes. */
export interface RawSocket {
  readonly socket: Socket
  write(bytes: Buffer): void
  /** What the server said in text, so far. */
  readonly said: readonly string[]
  /** Settles with the code of the server's close frame, or with 1006 where the line just ended. */
  readonly closed: Promise<number>
  /** Settles once the server has said something that fits, or has closed. */
  until(fits: (said: string) => boolean): Promise<void>
  end(): void
}

export function openRaw(port: number, path = '/api/socket', headers: readonly string[] = []): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const said: string[] = []
    let pending = Buffer.alloc(0)
    let upgraded = false
    let code: number | undefined
    let finish: (code: number) => void
    const closed = new Promise<number>(settle => {
      finish = settle
    })
    const looking = new Set<() => void>()
    const look = () => {
      for (const one of looking) one()
    }

    socket.once('connect', () =>
      socket.write(
        [
          `GET ${path} HTTP/1.1`,
          `Host: localhost:${port}`,
          `Origin: http://localhost:${port}`,
          'Upgrade: websocket',
          'Connection: Upgrade',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          ...headers,
          '',
          ''
        ].join('\r\n')
      )
    )
    socket.on('data', data => {
      pending = Buffer.concat([pending, data])
      if (!upgraded) {
        const end = pending.indexOf('\r\n\r\n')
        if (end < 0) return
        if (!pending.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
          reject(new Error(pending.subarray(0, 100).toString()))
          return socket.destroy()
        }
        pending = pending.subarray(end + 4)
        upgraded = true
        resolve({
          socket,
          said,
          closed,
          write: bytes => void socket.write(bytes),
          until: fits =>
            new Promise(settle => {
              const one = () => {
                if (code === undefined && !said.some(fits)) return
                looking.delete(one)
                settle()
              }
              looking.add(one)
              one()
            }),
          end: () => void socket.destroy()
        })
      }
      for (;;) {
        const frame = decode(pending)
        if (!frame) break
        pending = pending.subarray(frame.size)
        if (frame.opcode === OPCODE.close) code ??= frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005
        if (frame.opcode === OPCODE.text) said.push(frame.payload.toString('utf8'))
      }
      look()
      // The server waits for our side of the goodbye.
      if (code !== undefined) socket.end()
    })
    socket.on('error', error => {
      reject(error)
      socket.destroy()
    })
    socket.on('close', () => {
      code ??= 1006
      finish(code)
      look()
    })
  })
}

/** One frame of a server: never masked. */
function decode(
  bytes: Buffer
): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const head = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < head) return undefined
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  if (bytes.length < head + length) return undefined
  return { opcode: bytes[0]! & 0x0f, payload: bytes.subarray(head, head + length), size: head + length }
}

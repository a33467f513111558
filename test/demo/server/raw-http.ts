import { request } from 'node:http'
import { connect } from 'node:net'
import type { Server } from '../../../demo/server/server.ts'

export interface Head {
  readonly status: number
  /** The status line and the headers. */
  readonly head: string
}

/** What a handshake is answered with. */
export function upgrade(
  server: Server,
  path: string,
  origin: string | undefined,
  host = server.url.slice('http://'.length)
): Promise<Head> {
  return ask(server, [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  ])
}

/** What a request without a body is answered with, whatever stands in its origin. */
export function post(server: Server, path: string, origin: string | undefined): Promise<Head> {
  return ask(server, [
    `POST ${path} HTTP/1.1`,
    `Host: ${server.url.slice('http://'.length)}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    'Content-Length: 0'
  ])
}

function ask(server: Server, lines: readonly string[]): Promise<Head> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(Buffer.from([...lines, '', ''].join('\r\n'), 'utf8'))
    })
    socket.once('data', data => {
      const head = String(data).split('\r\n\r\n', 1)[0]!
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head })
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

/** A request whose path is sent as it is, which `fetch` would not do. */
export function get(
  server: Server,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = ''
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method,
        headers: { host: server.url.slice(7), ...headers },
        agent: false
      },
      response => {
        const parts: Buffer[] = []
        response.on('data', part => parts.push(part))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString()
          })
        )
        response.on('error', reject)
      }
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Desk, type Listener, listen } from '../../../demo/server/wire/listener.ts'

const UPGRADE = 'GET /api/socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

describe('the listener', () => {
  const listeners: Listener[] = []
  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.giveUp()
  })

  async function start(port = 0) {
    const listener = await listen({ port, host: '127.0.0.1', requestTimeout: 10_000 })
    listeners.push(listener)
    return listener
  }

  /** Somebody who has come, and has said it. */
  async function come({ port, http }: Listener, words: string): Promise<Socket> {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    const arrived = once(http, words === UPGRADE ? 'upgrade' : 'request')
    socket.write(words)
    await arrived
    return socket
  }

  const heard = async (socket: Socket) => String((await once(socket, 'data'))[0])

  /** Answers everybody with what they came for, and remembers it. */
  function createDesk() {
    const came: string[] = []
    const desk: Desk = {
      answer(request, response) {
        came.push(request.url ?? '')
        response.end('here you are')
      },
      connect(request, socket) {
        came.push(request.url ?? '')
        socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      }
    }
    return { desk, came }
  }

  it('answers those who came before there was anybody to answer, in the order in which they came', async () => {
    const listener = await start()
    const { desk, came } = createDesk()
    const socket = await come(listener, UPGRADE)
    const page = await come(listener, REQUEST)
    expect(came).toEqual([])
    listener.open(desk)
    expect(came).toEqual(['/api/socket', '/'])
    expect(await heard(socket)).toContain('101')
    expect(await heard(page)).toContain('here you are')
  })

  it('answers at once when somebody is there', async () => {
    const listener = await start()
    listener.open(createDesk().desk)
    expect(await heard(await come(listener, UPGRADE))).toContain('101')
    expect(await heard(await come(listener, REQUEST))).toContain('here you are')
  })

  it('forgets who has gone meanwhile', async () => {
    const listener = await start()
    const { desk, came } = createDesk()
    for (const words of [UPGRADE, REQUEST]) {
      const connected = once(listener.http, 'connection')
      const socket = await come(listener, words)
      const [ours] = (await connected) as [Socket]
      socket.resetAndDestroy()
      await new Promise(resolve => ours.once('close', resolve))
    }
    listener.open(desk)
    expect(came).toEqual([])
  })

  it('hangs up on everybody when it gives up, and lets the port go', async () => {
    const listener = await start()
    const sockets = [await come(listener, UPGRADE), await come(listener, REQUEST)]
    const gone = sockets.map(socket => once(socket, 'close'))
    listener.giveUp()
    await Promise.all(gone)
    expect((await start(listener.port)).port).toBe(listener.port)
  })

  it('says which port is taken', async () => {
    const { port } = await start()
    await expect(start(port)).rejects.toThrow(`port ${port} is taken: stop what uses it, or set PORT to another one`)
  })
})

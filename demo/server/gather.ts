import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** With so many bytes at hand a socket gets them, whatever else may come. */
const ENOUGH = 65_536

const held = new Set<Duplex>()

/**
 * Hands over in one piece what is written to this socket within one turn of the event loop, such as an acknowledgement
 * and the event that belongs to it: for the system it is how often that counts, much more than how much.
 */
export function gatherWrites<Given extends Duplex>(socket: Given): Given {
  // Connecting gives a socket its own way to write again, so this comes after.
  if (socket instanceof Socket && socket.pending) return socket.once('connect', () => gatherWrites(socket))
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean
  socket.write = (...given: unknown[]) => {
    hold(socket)
    const room = write(...given)
    if (socket.writableLength > ENOUGH) release(socket)
    return room
  }
  return socket
}

function hold(socket: Duplex) {
  if (held.has(socket)) return
  if (!held.size) setImmediate(releaseAll)
  held.add(socket)
  socket.cork()
}

function release(socket: Duplex) {
  held.delete(socket)
  socket.uncork()
}

function releaseAll() {
  for (const socket of held) release(socket)
}

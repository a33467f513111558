import type { Recorder } from '../history.ts'
import type { House } from '../house/house.ts'
import type { Call, Frame, Wiretap } from './network.ts'

/** Records what goes over the wire, and what it means. */
export function createWiretap(
  { record }: Recorder,
  house: Pick<House, 'noteCursor' | 'epochOf' | 'deviceOf'>
): Wiretap {
  /** By the number of the connection, what its client said first. */
  const hellos = new Map<number, Frame>()
  const resumed = new Set<number>()

  /** The first events on a connection tell whether the server went on from the client's cursor. */
  const resume = ({ number, device }: Call, events: Frame['events']) => {
    const cursor = hellos.get(number)?.cursor
    if (cursor === undefined || resumed.has(number)) return
    resumed.add(number)
    const honoured = !events?.some(({ type }) => type === 'reset')
    record('srv', 'resume', { dev: device, conn: number, epoch: house.epochOf(cursor), honoured })
  }

  return {
    said(call, direction, frame) {
      const { number, device, node } = call
      record(direction === 'up' ? node : 'srv', 'wire', { dir: 'out', conn: number, frame: summary(frame) })
      if (direction === 'up') return
      const { t, id, position, code, reason } = frame
      if (t === 'ack') record('srv', 'ack', { cid: id, dev: device, seq: position })
      else if (t === 'nack' && code !== 'busy') record('srv', 'nack', { cid: id, dev: device, reason: reason || code })
      else if (t === 'welcome') {
        const { term, device: secret = '' } = hellos.get(number) ?? {}
        record('srv', 'welcome', { dev: device, device: house.deviceOf(secret), conn: number, epoch: term })
      } else if (t === 'events') {
        resume(call, frame.events)
        const secret = hellos.get(number)?.device
        for (const { cursor } of frame.events ?? []) if (cursor && secret) house.noteCursor(cursor, secret)
      }
    },
    ended({ number, device, node }, side, code) {
      record(side === 'client' ? node : 'srv', 'wire', { dir: 'end', conn: number, dev: device, code })
    },
    heard({ number, device, node }, direction, frame) {
      record(direction === 'up' ? 'srv' : node, 'wire', { dir: 'in', conn: number, dev: device, frame: summary(frame) })
      if (frame.t === 'hello' && !hellos.has(number)) hellos.set(number, frame)
      if (direction === 'down' && frame.t === 'bye' && /newer tab/.test(frame.message ?? '')) {
        record(node, 'lead', { what: 'fenced', dev: device, epoch: hellos.get(number)?.term })
      }
    }
  }
}

/** Enough of a frame to follow a story. */
function summary(frame: Frame): object {
  const { t, id, term, cursor, position, code, reason, command, events } = frame
  if (command) return { t, cid: command.id, cseq: command.n, op: command.type }
  if (events) {
    return {
      t,
      events: events.map(({ type, cursor, message }) =>
        message ? { type, cursor, cid: message.id, seq: message.position } : { type, cursor }
      )
    }
  }
  return { t, cid: id, term, cursor, seq: position, code, reason }
}

import type { ServerEvent } from '../../../src/model/event.ts'
import type { Form } from '../../../src/model/form.ts'
import {
  type ClientFrame,
  clientFrameShape,
  LIMITS,
  PROTOCOL_VERSION,
  type ServerFrame
} from '../../../src/transport/frames.ts'
import type { Bus } from '../bus/bus.ts'
import type { Offer, Outcome } from '../conversations/accept.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { storable } from '../conversations/rows.ts'
import { fileTypes } from '../files/types.ts'
import type { Devices } from '../identity/devices.ts'
import { hashSecret } from '../identity/secrets.ts'
import { type Proof, prove, type Verifier } from '../identity/visitors.ts'
import type { Limits } from '../limits.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Copies } from '../mail/copies.ts'
import { createCallers } from './callers.ts'
import type { Carrier } from './carrier.ts'
import { badId, isId, known, type Refused, refusable, refused } from './commands.ts'
import { tokenProblem } from './hello.ts'
import type { House } from './house.ts'
import { createPeer, type Peer } from './peer.ts'
import { createPump, type Pump } from './pump.ts'
import { createBucket, createBuckets, createCount } from './rate.ts'

/** The visitors' connections. */
export interface VisitorDoor {
  /** @param blame Called when it is thrown out for what it sends, or for saying nothing. */
  welcome(socket: Carrier, blame?: () => void): void
  /** Says goodbye to all of them. */
  close(retryAfter: number): void
}

interface VisitorParts {
  readonly conversations: Conversations
  readonly devices: Devices
  readonly verifier: Verifier | undefined
  readonly form?: Form | undefined
  /** Left out: this server sends no mail. */
  readonly copies?: Copies | undefined
  readonly house: House
  readonly bus: Bus
  readonly limits: Limits
  readonly log: Log
}

/** A connection whose visitor is known. */
interface Guest {
  readonly peer: Peer<ServerFrame>
  readonly device: string
  readonly visitorId: string
  readonly term: number
  readonly proof: Proof | undefined
  readonly pump: Pump
  /** Stops watching over what it showed; see callers. */
  readonly unwatch: () => void
}

/** How long a tab that was replaced stays away, unless it takes over again, with a higher term. */
const FENCED_FOR = 10_000

export function createVisitorDoor(parts: VisitorParts): VisitorDoor {
  const { conversations, devices, house, bus, limits, log } = parts
  const capabilities = {
    history: true,
    upload: limits.fileSize > 0 && { size: limits.fileSize, count: LIMITS.files, types: fileTypes },
    typing: true,
    receipts: true,
    sessions: true
  }
  const peers = new Set<Peer<ServerFrame>>()
  const guests = new Map<string, Set<Guest>>()
  const callers = createCallers(bus)
  const perDevice = createCount(limits.socketsPerDevice)
  // Not of a connection: a new one is no new allowance.
  const messages = createBuckets(limits.messages)

  const everyGuest = () => [...guests.values()].flatMap(set => [...set])
  const guard = (what: string, task: Promise<void>) => {
    task.catch(error => log.error(`visitors: ${what} failed`, { reason: reasonOf(error) }))
  }

  bus.subscribe('feed', ({ visitorId }) => {
    for (const { pump } of guests.get(visitorId) ?? []) pump.poke()
  })
  bus.subscribe('availability', () => {
    const event: ServerEvent = { type: 'availability', availability: house.availability() }
    for (const { pump } of everyGuest()) pump.tell([event])
  })
  bus.subscribe('term', ({ visitorId, device, term }) => {
    for (const guest of guests.get(visitorId) ?? []) if (guest.device === device && guest.term < term) fence(guest.peer)
  })
  bus.subscribe('typing', ({ visitorId, threadId, active, agentId, assistant }) => {
    const by = assistant === null ? house.agents().find(({ id }) => id === agentId) : { name: assistant, picture: '' }
    // Nobody on our side: it is the visitor who types.
    if (!by) return
    const event: ServerEvent = { type: 'typing', threadId, active, by: { name: by.name, picture: by.picture } }
    for (const { pump } of guests.get(visitorId) ?? []) pump.tell([event])
  })

  bus.subscribe('growing', ({ visitorId, message }) => {
    for (const { pump } of guests.get(visitorId) ?? []) pump.tell([{ type: 'message', message }])
  })

  // A change in the queue moves everybody behind it: read once for all, after the burst.
  let queueTimer: ReturnType<typeof setTimeout> | undefined
  let closed = false
  const tellQueueIn = (milliseconds: number) => {
    if (closed) return
    queueTimer ??= setTimeout(() => {
      queueTimer = undefined
      guard('telling the queue', tellQueue())
    }, milliseconds)
  }
  bus.subscribe('queue', () => tellQueueIn(20))
  async function tellQueue() {
    try {
      const found = await conversations.feed.queued([...guests.keys()])
      for (const [visitorId, events] of found) for (const { pump } of guests.get(visitorId) ?? []) pump.tell(events)
    } catch (error) {
      // The queue may not move again for long.
      tellQueueIn(1000)
      throw error
    }
  }

  const fence = (peer: Peer<ServerFrame>) => peer.bye('closed', 'a newer tab of this browser took over', FENCED_FOR)

  return {
    welcome(socket, blame) {
      let guest: Guest | undefined
      let said = false
      const leave: (() => void)[] = []
      const hints = createBucket(limits.hints)
      const helloTimer = setTimeout(
        () => peer.bye('timeout', `expected hello within ${limits.helloWait / 1000} seconds`),
        limits.helloWait
      )

      const peer: Peer<ServerFrame> = createPeer<ServerFrame, ClientFrame>({
        socket,
        shape: clientFrameShape,
        limits,
        log,
        blame,
        onFrame(frame) {
          if (frame.t === 'hello') {
            if (said) return peer.complain('out-of-turn', 'hello: expected once, at the beginning')
            said = true
            clearTimeout(helloTimer)
            return hello(frame)
          }
          if (!guest) return peer.complain('out-of-turn', `${frame.t}: expected hello first`)
          if (!peer.open && frame.t !== 'send' && frame.t !== 'forget') return
          switch (frame.t) {
            case 'send':
              return send(guest, frame.command)
            case 'hint':
              return hint(guest, frame.hint)
            case 'history':
              return history(guest, frame)
            case 'forget':
              return forget(guest)
          }
        },
        async onInvalid(raw, problem) {
          const denied = said ? undefined : tokenProblem(raw)
          if (denied) {
            peer.bye('unauthorized', denied)
            return true
          }
          const wrong = guest && refusable(raw, problem)
          if (!guest || !wrong) return false
          await refuse(guest, wrong)
          return true
        },
        onClose() {
          clearTimeout(helloTimer)
          peers.delete(peer)
          for (const undo of leave) undo()
          leave.length = 0
        }
      })
      peers.add(peer)

      async function hello({ device: secret, term, token, cursor, locale, zone }: Of<'hello'>) {
        const proof = await prove(token, parts.verifier)
        if (proof && 'problem' in proof) return peer.bye('unauthorized', proof.problem)
        if (!peer.open) return
        const unwatch = callers.add({ peer, device: hashSecret(secret), proof })
        leave.push(unwatch)
        // Here before their threads are: a live chat that comes along must not find its visitor gone.
        const known = proof && (await devices.visitorOf(proof.subject))
        if (!peer.open) return
        if (known) leave.push(house.visitorJoined(known))
        const device = await devices.greet({ secret, term, locale: storable(locale), zone: storable(zone), proof })
        if (device === 'fenced') return fence(peer)
        if ('problem' in device) return peer.bye(device.code, device.problem, null, device.reason)
        const copying = parts.copies && (await parts.copies.admit(device.visitorId))
        if (!peer.open) return copying?.leave()
        if (copying) leave.push(copying.leave)
        const release = perDevice.take(device.hash)
        if (!release)
          return peer.bye('busy', `expected at most ${limits.socketsPerDevice} connections of one device`, 5000)
        leave.push(release)
        const { visitorId } = device
        bus.publish('term', { visitorId, device: device.hash, term })
        const able = copying ? { ...capabilities, mail: copying.desk } : capabilities
        peer.send({ t: 'welcome', v: PROTOCOL_VERSION, capabilities: able, heartbeat: limits.heartbeat })
        const pump = createPump({ feed: conversations.feed, visitorId, cursor, peer, log })
        guest = { peer, device: device.hash, visitorId, term, proof, pump, unwatch }
        leave.push(join(guest), house.visitorJoined(visitorId))
        pump.start(async () => {
          const queued = (await conversations.feed.queued([visitorId])).get(visitorId) ?? []
          // Last: what is told while the store is asked must not be told of as it was before.
          return [{ type: 'availability', availability: house.availability() }, ...queued]
        })
      }

      async function send(guest: Guest, command: Of<'send'>['command']) {
        const bad = badId(command)
        if (bad) {
          const problem = `${bad}: expected printable ASCII without spaces`
          const wrong = refused(command, problem)
          return wrong ? refuse(guest, wrong) : peer.complain('invalid', problem)
        }
        const wait = command.type === 'message' || command.type === 'start' ? messages.take(guest.device) : 0
        if (wait) {
          const message = `expected at most ${limits.messages.perMinute} messages a minute`
          return peer.send({ t: 'nack', id: command.id, code: 'busy', reason: 'too-fast', message, retryAfter: wait })
        }
        await offer(guest, known(command))
      }

      async function refuse(guest: Guest, { id, command, refusal }: Refused) {
        if (command) return offer(guest, command, refusal)
        peer.send({ t: 'nack', id, ...refusal, retryAfter: null })
      }

      async function offer(guest: Guest, command: Offer['command'], refusal?: Offer['refusal']) {
        const { device, visitorId, term } = guest
        let outcome: Outcome
        try {
          const { form } = parts
          outcome = await conversations.accept({ device, visitorId, term, command, refusal, away: house.away, form })
        } catch (error) {
          log.error('visitors: command failed', { type: command.type, reason: reasonOf(error) })
          const message = 'something went wrong here; please try again'
          return peer.send({ t: 'nack', id: command.id, code: 'busy', reason: 'failed', message, retryAfter: 1000 })
        }
        if (outcome === 'fenced') return fence(peer)
        if (outcome.accepted) return peer.send({ t: 'ack', id: command.id, position: outcome.position, at: outcome.at })
        const { code, reason, message } = outcome
        if (reason === 'seq-reuse' || reason === 'id-conflict') log.warn('visitors: command refused', { reason })
        peer.send({ t: 'nack', id: command.id, code, reason, message, retryAfter: null })
      }

      async function hint({ visitorId }: Guest, hint: Of<'hint'>['hint']) {
        if (hints.take()) return
        if (hint.type === 'visit') {
          // Nobody is told where somebody goes who has said nothing yet.
          if (!(await conversations.threadsOf(visitorId)).length) return
          return house.look(visitorId, { url: storable(hint.url), title: storable(hint.title) })
        }
        const { threadId } = hint
        if (!isId(threadId) || (await conversations.ownerOf(threadId)) !== visitorId) return
        if (hint.type === 'stop') return bus.publish('stop', { threadId })
        bus.publish('typing', { threadId, visitorId, active: hint.active, agentId: null, assistant: null })
      }

      async function history({ visitorId }: Guest, { q, threadId, before, limit }: Of<'history'>) {
        const page = isId(threadId) ? await conversations.page({ threadId, before, limit }, visitorId) : undefined
        if (!page) return peer.complain('not-found', 'history.threadId: this thread is not one of yours', q)
        await peer.room()
        peer.send({ t: 'page', q, ...page })
      }

      async function forget({ device, proof, unwatch }: Guest) {
        // This connection is answered; the others of the device, and those of the token, are told.
        unwatch()
        await devices.forget(device, proof)
        peer.bye('closed', 'signed out')
      }
    },

    close(retryAfter) {
      closed = true
      clearTimeout(queueTimer)
      // Not all at once: whoever comes back does so over some time.
      for (const peer of peers)
        peer.bye('closed', 'the server restarts', Math.round(retryAfter * (0.5 + Math.random())))
    }
  }

  function join(guest: Guest): () => void {
    const set = guests.get(guest.visitorId) ?? new Set()
    guests.set(guest.visitorId, set.add(guest))
    return () => {
      guest.pump.stop()
      set.delete(guest)
      if (!set.size && guests.get(guest.visitorId) === set) guests.delete(guest.visitorId)
    }
  }
}

type Of<T extends ClientFrame['t']> = Extract<ClientFrame, { readonly t: T }>

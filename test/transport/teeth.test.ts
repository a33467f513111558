import { expect, it } from 'vitest'
import type { ServerEvent } from '../../src/model/event.ts'
import { createId } from '../../src/model/id.ts'
import { type Rig, transportContract } from '../../src/testing/index.ts'
import type { MemoryTransport } from '../../src/testing/memory.ts'
import { TransportError } from '../../src/transport/errors.ts'
import type { Connection } from '../../src/transport/transport.ts'
import { memoryRig } from '../support/memory-rig.ts'

/** The memory transport with its connections changed. */
const over = (change: (connection: Connection, request: { readonly signal: AbortSignal }) => Connection) => () =>
  memoryRig(
    (transport): MemoryTransport => ({
      ...transport,
      connect: async request => change(await transport.connect(request), request)
    })
  )

/** Events passed through one by one. */
const mapped = (connection: Connection, map: (event: ServerEvent) => readonly ServerEvent[]): Connection => ({
  ...connection,
  incoming: {
    async *[Symbol.asyncIterator]() {
      for await (const batch of connection.incoming) {
        const events = batch.flatMap(map)
        if (events.length) yield events
      }
    }
  }
})

/** Each broken in one way, as adapters have been in the field; the contract has to refuse every one. */
const broken: Readonly<Record<string, () => Rig>> = {
  'sends a fresh id at each attempt, so that a repeated send is done twice': over(connection => {
    let n = 0
    return {
      ...connection,
      async send(command, options) {
        const ack = await connection.send({ ...command, id: createId(), n: ++n }, options)
        return { ...ack, id: command.id }
      }
    }
  }),
  'acknowledges before the backend has the command': over(connection => ({
    ...connection,
    async send(command, options) {
      connection.send(command, options).catch(() => {})
      return { id: command.id, position: undefined, at: Date.now() }
    }
  })),
  'leaves out the reset when it cannot resume': over(connection =>
    mapped(connection, event => (event.type === 'reset' ? [] : [event]))
  ),
  'gives durable events without their cursor': over(connection =>
    mapped(connection, ({ cursor: _, ...event }) => [event as ServerEvent])
  ),
  'ends incoming without saying so when the link is lost': over(connection => ({
    ...connection,
    incoming: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* connection.incoming
        } catch (error) {
          if (error instanceof TransportError) return
          throw error
        }
      }
    }
  })),
  'turns an abort into an error of its own': over((connection, { signal }) => ({
    ...connection,
    incoming: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* connection.incoming
        } catch (error) {
          throw signal.aborted ? new TransportError('closed', 'aborted') : error
        }
      }
    }
  })),
  'says caught-up before what was missed': over(connection => {
    let said = false
    return mapped(connection, event => {
      if (event.type === 'caught-up') return []
      if (said) return [event]
      said = true
      return [{ type: 'caught-up' }, event]
    })
  }),
  'lets everybody ask for copies with one ticket': over(connection => ({
    ...connection,
    capabilities: { ...connection.capabilities, mail: { url: 'copies', ticket: 'the same' } }
  })),
  'takes a refusal for a lost link': over(connection => ({
    ...connection,
    send: (command, options) =>
      connection.send(command, options).catch(error => {
        throw error.code === 'rejected' ? new TransportError('closed', 'refused') : error
      })
  }))
}

it.each(Object.entries(broken))(
  'refuses a transport that %s',
  async (_, rig) => {
    const caught: string[] = []
    for (const [title, run] of transportContract) {
      const one = rig()
      try {
        await run(one)
      } catch {
        caught.push(title)
        break
      } finally {
        await one.close()
      }
    }
    expect(caught).not.toEqual([])
  },
  120_000
)

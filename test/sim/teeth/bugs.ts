import type { Patch } from '../bundle.ts'

/** A mistake that somebody might make in the widget or in the server, as a change to the source. */
export interface Bug {
  readonly name: string
  /** The change; all of these together. */
  readonly patches: readonly Patch[]
}

/** A change to one file. */
const at = (file: string, find: string, replace: string): Patch => ({ file, find, replace })

/** The sixteen that the design names, in its order. */
export const PLANTED: readonly Bug[] = [
  {
    name: 'sent before the disk has it',
    patches: [
      at(
        'src/core/rows.ts',
        `        try {
          await access(() => storage.commit([{ expect: ['life'], value: mine }, ...changes]))`,
        `        show(shown(changes))
        try {
          await access(() => storage.commit([{ expect: ['life'], value: mine }, ...changes]))`
      )
    ]
  },
  {
    name: 'another id at each try',
    patches: [
      at(
        'src/core/sending.ts',
        'await connection.send(command, { again, signal })',
        'await connection.send(again ? { ...command, id: id + Math.random() } : command, { again, signal })'
      )
    ]
  },
  {
    // As if it were kept in memory: a server that starts knows of none.
    name: 'what was done known in memory only',
    patches: [
      at(
        'demo/server/conversations/conversations.ts',
        'const epoch = await epochOf(store)',
        `const epoch = await epochOf(store)
  await store.query('DELETE FROM commands')
  await store.query('DELETE FROM lanes')`
      )
    ]
  },
  {
    name: 'acknowledged before it is durable',
    patches: [
      at(
        'demo/server/conversations/conversations.ts',
        'work: all => write(w => settle(w, all))',
        `work: all =>
      new Promise((resolve, reject) => {
        write(async w => resolve(await settle(w, all))).catch(reject)
      })`
      )
    ]
  },
  {
    name: 'dropped when it is sent',
    patches: [
      at(
        'src/core/sending.ts',
        'const again = !outbox.fresh.delete(id)',
        'const again = !outbox.fresh.delete(id)\n  await change(now => [dropRow(now)])'
      )
    ]
  },
  {
    name: 'dropped when it is acknowledged',
    patches: [
      at(
        'src/core/sending.ts',
        `return [stored?.id === id ? dropRow(now) : putRow({ ...now, acked: { position, at } })]`,
        'return [dropRow(now)]'
      )
    ]
  },
  {
    name: 'cursor stored before its events',
    patches: [
      at(
        'src/core/inbox.ts',
        'await parts.rows.commit(async () => {',
        `await parts.rows.commit([{ put: ['cursor'], value: events.at(-1)!.cursor }])
  await parts.rows.commit(async () => {`
      )
    ]
  },
  {
    name: 'cursor moves across a gap',
    patches: [
      at('src/core/recovery.ts', `...(first > joins + 1 ? [{ put: ['gap', threadId, first], value: true }] : [])`, '')
    ]
  },
  {
    // The server says that it left something out, and nobody listens.
    name: 'what was left out is ignored',
    patches: [
      at(
        'src/core/recovery.ts',
        `else if (event.type === 'reset') await storeReset(parts, draft, event.threads, pages)`,
        ''
      )
    ]
  },
  {
    name: 'epoch ignored',
    patches: [
      at(
        'demo/server/conversations/feed.ts',
        '? Number(cursor.slice(log.length + 1)) : Number.NaN',
        `? Number(cursor.slice(log.length + 1)) : Number(cursor?.split('.')[1])`
      )
    ]
  },
  {
    name: 'stored for whoever came after',
    patches: [
      at(
        'src/core/rows.ts',
        'const mine = life()\n      return inTurn(async () => {',
        'return inTurn(async () => {\n        const mine = life()'
      ),
      at('src/core/inbox.ts', '    signal.throwIfAborted()\n    if (parts.rows.hidden) return []\n', ''),
      at(
        'src/core/standby.ts',
        `      signal.throwIfAborted()
      const stored = batch`,
        `      const stored = batch`
      )
    ]
  },
  {
    name: 'shown twice when it is told again',
    patches: [
      at(
        'src/core/messages.ts',
        'known.placed = upsert(known.placed, value)',
        'known.placed = [...known.placed, value]'
      )
    ]
  },
  {
    name: 'no fencing',
    patches: [
      at(
        'demo/server/conversations/accept.ts',
        `if (known.term === null || known.term > term) return 'fenced'`,
        `if (known.term === null) return 'fenced'`
      ),
      at('demo/server/identity/devices.ts', `if (device.term > term) return 'fenced'`, ''),
      at('demo/server/wire/visitors.ts', 'guest.device === device && guest.term < term', 'false')
    ]
  },
  {
    name: 'frozen tab leads for ever',
    patches: [at('src/core/leader.ts', 'else if (page.visible && now - seen > SILENT) begin(true)', '')]
  },
  {
    // The adapter is not part of the simulation, but what it would do is: a transaction that was aborted for lack of
    // room counts as done.
    name: 'a full disk goes unnoticed',
    patches: [
      at(
        'src/core/rows.ts',
        `await access(() => storage.commit([{ expect: ['life'], value: mine }, ...changes]))`,
        `await storage.commit([{ expect: ['life'], value: mine }, ...changes]).catch(error => {
            if (error.code !== 'full') throw error
          })`
      )
    ]
  },
  {
    // Likewise: a database that was closed once is not opened again.
    name: 'a closed database stays closed',
    patches: [
      at(
        'src/core/holding.ts',
        'const holding = hold(disk, known, onState)',
        `const closed = () =>
    Promise.reject(Object.assign(new Error('closed'), { name: 'StorageError', code: 'lost' }))
  if (why === 'lost') disk = { ...disk, list: closed, commit: closed }
  const holding = hold(disk, known, onState)`
      )
    ]
  }
]

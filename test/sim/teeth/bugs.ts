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
          await access(on => on.commit([{ expect: ['life'], value: mine }, ...changes]))`,
        `        show(shown(changes))
        try {
          await access(on => on.commit([{ expect: ['life'], value: mine }, ...changes]))`
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
        'if (again === undefined) return false',
        'if (again === undefined) return false\n  await change(now => [dropRow(now)])'
      )
    ]
  },
  {
    name: 'dropped when it is acknowledged',
    patches: [
      at(
        'src/core/sending.ts',
        `return [waits ? putRow({ ...now, acked: { position, at } }) : dropRow(now)]`,
        'return [dropRow(now)]'
      )
    ]
  },
  {
    name: 'cursor stored before its events',
    patches: [
      at(
        'src/core/inbox.ts',
        'await rows.commit(async () => {',
        `await rows.commit([{ expect: ['cursor'], value: parts.from }, { put: ['cursor'], value: cursor }])
    parts.from = cursor
    await rows.commit(async () => {`
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
      at('src/core/recovery.ts', `else if (event.type === 'reset') await storeReset(parts, draft, event, pages)`, '')
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
        'const mine = life()\n      const work = async (): Promise<void> => {',
        'const work = async (): Promise<void> => {\n        const mine = life()'
      ),
      at('src/core/inbox.ts', '    signal.throwIfAborted()\n    if (rows.hidden) return []\n', ''),
      at('src/core/inbox.ts', "    if (parts.from !== rows.cursor()) throw new Error('another tab went on')\n", ''),
      at(
        'src/core/inbox.ts',
        `{ expect: ['cursor'], value: parts.from }`,
        `{ expect: ['cursor'], value: rows.cursor() }`
      ),
      at(
        'src/core/standby.ts',
        `      // Also where it was lost while that was stored.
      signal.throwIfAborted()
`,
        ''
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
        `await access(on => on.commit([{ expect: ['life'], value: mine }, ...changes]))`,
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
        '    before = new Map(mended ?? inMemory)',
        `    if (codeOf(error) === 'lost') {
      const closed = () =>
        Promise.reject(Object.assign(new Error('closed'), { name: 'StorageError', code: 'lost' }))
      disk = { ...disk, list: closed, commit: closed }
    }
    before = new Map(mended ?? inMemory)`
      )
    ]
  }
]

/** Others that the design does not name, and that no check was written for. */
export const UNNAMED: readonly Bug[] = [
  {
    name: 'two tabs give out the same number',
    patches: [at('src/core/talk.ts', "{ expect: ['lane', lane], value: last },", '')]
  },
  {
    // It is offered on each connection, and after a reset as well: both have to be missing.
    name: 'what was acknowledged is never offered again',
    patches: [
      at('src/core/sending.ts', 'row.acked && offered.has(row.command.id)', 'row.acked'),
      at('src/core/recovery.ts', 'changes.push(putRow({ ...row, acked: null }))', 'void row')
    ]
  },
  {
    name: 'numbered anew in the wrong order',
    patches: [
      at(
        'src/core/recovery.ts',
        'isDone(a) - isDone(b) || a.command.n - b.command.n',
        'isDone(a) - isDone(b) || b.command.n - a.command.n'
      )
    ]
  },
  {
    name: 'a refused message disappears',
    patches: [
      at(
        'src/core/recovery.ts',
        '[isFailed ? putRow({ ...row, acked: null, failed }) : dropRow(row)]',
        '[dropRow(row)]'
      )
    ]
  },
  {
    name: 'a busy server is taken for a refusal',
    patches: [at('src/core/recovery.ts', "if (error.retry !== 'never') return error.retryAfter ?? 1000", '')]
  },
  {
    name: 'what was offered can be taken back',
    patches: [
      at(
        'src/core/recovery.ts',
        "row.command.type !== 'message' || outbox.offered.has(id)",
        "row.command.type !== 'message'"
      )
    ]
  },
  {
    name: 'a reset keeps what the log has lost',
    patches: [at('src/core/recovery.ts', 'if (isOver && (page || !one.last)) await forget(one.id)', '')]
  },
  {
    name: 'the draft stays after sending',
    patches: [at('src/core/talk.ts', "{ drop: ['draft', threadId] }", '')]
  },
  {
    name: 'drafts are only in memory',
    patches: [at('src/core/drafts.ts', 'return changes', 'return []')]
  },
  {
    name: 'signing out hides nothing',
    patches: [at('src/core/talk.ts', 'rows.hide()\n', '\n')]
  },
  {
    name: 'the life of who left is not over',
    patches: [at('src/core/leaving.ts', "[{ drop: [] }, { put: ['life'], value: (life ?? 0) + 1 }]", '[{ drop: [] }]')]
  },
  {
    name: 'who signs in leaves the rows behind',
    patches: [at('src/storage/claim.ts', '...gone.map(({ key }) => ({ drop: key }))', '')]
  },
  {
    name: 'any visitor writes into any thread',
    patches: [
      at(
        'demo/server/conversations/deeds.ts',
        'else if (thread?.visitor_id !== one.visitorId) ends',
        'else if (!thread) ends'
      )
    ]
  },
  {
    name: 'a forgotten device comes back',
    patches: [
      at('demo/server/identity/devices.ts', 'if (device.forgotten_at !== null)', 'if (device.forgotten_at === 0)'),
      at('demo/server/conversations/accept.ts', ' AND d.forgotten_at IS NULL', '')
    ]
  },
  {
    name: 'the feed begins one event late',
    patches: [
      at(
        'demo/server/conversations/feed.ts',
        'head - seq <= missed) return { events: [], seq }',
        'head - seq <= missed) return { events: [], seq: Math.min(seq + 1, head) }'
      )
    ]
  },
  {
    name: 'silence is not noticed',
    patches: [
      at('src/transport/exchange.ts', "if (!over) silence = setTimeout(fail, within, 'timeout', 'silence')", '')
    ]
  },
  {
    name: 'no patience between attempts',
    patches: [at('src/core/link.ts', 'Math.max(retryAfter, nextDelay(attempt++))', 'Math.max(0, 100)')]
  },
  {
    name: 'a timer outlives the chat',
    patches: [at('src/core/leader.ts', 'clearInterval(timer)', '')]
  },
  {
    name: 'no messages in a chat that has ended',
    patches: [
      at(
        'demo/server/conversations/deeds.ts',
        'else if (found?.taken) {',
        `else if ((await latestSession(w, threadId))?.state === 'ended') {
      ends.set(one, refuse('ended', 'this chat has ended'))
    } else if (found?.taken) {`
      )
    ]
  },
  {
    name: 'trouble with storage is not said',
    patches: [at('src/core/rows.ts', 'inMemory, $storage.set, inTurn', 'inMemory, () => {}, inTurn')]
  },
  {
    name: 'words are what a database can hold',
    patches: [
      at(
        'demo/server/conversations/place.ts',
        '(storable(one.text) === one.text ? null : JSON.stringify(one.text))',
        'null'
      )
    ]
  },
  {
    name: 'other tabs do not look at what changed',
    patches: [at('src/core/rows.ts', "if (note.type === 'rows' && !rows.asleep)", "if (note.type === 'never')")]
  },
  {
    name: 'what another tab has read is overwritten',
    patches: [
      at(
        'src/core/inbox.ts',
        "        { expect: ['lane', thread.id], value: parts.rows.known('lane', thread.id) },\n",
        ''
      )
    ]
  },
  {
    name: 'ordered by the clock',
    patches: [at('src/core/messages.ts', '.sort((a, b) => a.command.n - b.command.n)', '.sort((a, b) => b.at - a.at)')]
  },
  {
    name: 'what comes while the reader is busy is lost',
    patches: [
      at(
        'src/transport/queue.ts',
        `const batch = items
          items = []
          yield batch`,
        `yield items
          items = []`
      )
    ]
  },
  {
    name: 'a cursor is read after the rows',
    patches: [
      at(
        'src/core/rows.ts',
        `const found = [
      ...(await rows.list(['cursor'])),
      ...(await Promise.all(KEPT.map(kind => rows.list([kind])))).flat()`,
        `const kept = (await Promise.all(KEPT.map(kind => rows.list([kind])))).flat()
    const found = [
      ...(await rows.list(['cursor'])),
      ...kept`
      )
    ]
  },
  {
    name: 'a term is not higher than the last one',
    patches: [at('src/core/device.ts', 'known => (known ?? 0) + 1', 'known => known ?? 1')]
  },
  {
    name: 'an emptied disk is not put back',
    patches: [
      at(
        'src/core/reconcile.ts',
        "!isOut && (isGone || key[0] === 'outbox')",
        "!isOut && !isGone && key[0] === 'outbox'"
      )
    ]
  },
  {
    name: 'what is held in memory is never written',
    patches: [
      at(
        'src/core/holding.ts',
        'retry = setTimeout(inTurn, Math.min(RETRY, FIRST_RETRY * 2 ** tries++), mend)',
        'retry = undefined'
      )
    ]
  }
]

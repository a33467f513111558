import { describe, expect, it } from 'vitest'
import {
  accept,
  ack,
  apply,
  boot,
  commit,
  cursor,
  fault,
  history,
  ident,
  type Loose,
  lead,
  quiesce,
  renders,
  reply,
  rollback,
  sent,
  shows,
  state,
  TAB
} from './by-hand.ts'
import { check } from './checker.ts'

const OTHER = { node: 'dev2/tab1', dev: 'dev2', thread: 'u' }
const nack = (cid: string, reason: string): Loose => ({ node: 'srv', ev: 'nack', cid, dev: 'dev1', reason })
const storage = (s: string, more: object = {}): Loose => ({ node: TAB, ev: 'storage', state: s, ...more })
const retry = (cid: string): Loose => ({ node: TAB, ev: 'retry', cid })
const log = (thread: string, ...cids: readonly string[]): Loose => ({
  node: 'srv',
  ev: 'log',
  thread,
  head: cids.length,
  entries: cids.map((cid, i) => ({ seq: i + 1, cid, hash: `#${cid}` }))
})
const out = (cid: string): Loose => ({ node: TAB, ev: 'wire', dir: 'out', conn: 1, frame: { t: 'send', cid } })
const read = (seq: number, more: object = {}): Loose => ({
  node: TAB,
  ev: 'read',
  thread: 't',
  id: 'visitor',
  seq,
  ...more
})
const edit = (cid: string, rev: number, more: object = {}): Loose => ({
  node: 'srv',
  ev: 'edit',
  cid,
  thread: 't',
  rev,
  hash: `#${cid}.${rev}`,
  ...more
})
const words = (cid: string, hash: string): Loose => ({
  node: TAB,
  ev: 'render',
  thread: 't',
  entries: [{ cid, seq: 1, state: 'sent', hash }]
})
const draft = (what: string, hash: string | undefined, more: object = {}): Loose => ({
  node: TAB,
  ev: 'draft',
  thread: 't',
  what,
  hash,
  ...more
})
/** A screen, and a row, that do not name their message. */
const nameless = (...entries: readonly object[]): Loose => ({ node: TAB, ev: 'render', thread: 't', entries })
const row = (seq: number, hash: string): Loose => ({ node: TAB, ev: 'apply', thread: 't', seq, hash })
const message = (cid: string, seq: number): Loose => ({
  node: 'srv',
  ev: 'wire',
  dir: 'out',
  conn: 1,
  frame: { t: 'events', events: [{ type: 'message', cid, seq }] }
})
const forget = (seq: number): Loose => ({ node: TAB, ev: 'forget', thread: 't', seq })
const crash = (node = TAB, more: object = {}): Loose => ({ node, ev: 'crash', ...more })
const at2 = { node: 'dev1/tab2' }
const welcome = (conn: number, epoch: number, more: object = {}): Loose => ({
  node: 'srv',
  ev: 'welcome',
  dev: 'dev1',
  conn,
  epoch,
  ...more
})
const wire = (node: string, dir: string, conn: number, frame: object): Loose => ({ node, ev: 'wire', dir, conn, frame })
const offered = (conn: number) => wire('srv', 'in', conn, { t: 'send', cid: 'a' })
const told = (conn: number, cid: string) => wire('srv', 'out', conn, { t: 'events', events: [{ cid, seq: 1 }] })
const toA: readonly Loose[] = [accept('a', 1, { who: 'A' }), commit('a', 1, 1, { who: 'A' })]
const at = (who: string): readonly Loose[] => [boot('dev2/tab1', { who }), welcome(2, 1, { dev: 'dev2' })]
const full: Loose = { node: TAB, ev: 'fault', kind: 'storage', error: 'full' }
const works: Loose = { node: TAB, ev: 'fault', kind: 'storage works' }

/** Histories that each break one promise, whatever else they break. */
const BAD: readonly (readonly [string, string, readonly (Loose | readonly Loose[])[]])[] = [
  ['I1', 'in tab 2', [accept('a', 1, at2), quiesce()]],
  [
    'I1',
    'retried after a failure, then gone',
    [accept('a', 1), state('a', 'queued', 'failed', { reason: 'x' }), retry('a'), quiesce()]
  ],
  ['I1', 'dup of what was never committed', [accept('a', 1), commit('a', 1, 1, { dup: true }), quiesce()]],
  [
    'I1',
    'after rollback only a dup',
    [
      accept('a', 1),
      commit('a', 1, 1),
      rollback(0),
      boot('srv', { epoch: 'e2' }),
      commit('a', 1, 1, { dup: true }),
      quiesce()
    ]
  ],
  [
    'I1',
    'heads rollback',
    [accept('a', 1), commit('a', 1, 1), fault('rollback', { heads: { t: 0 } }), boot('srv', { epoch: 'e2' }), quiesce()]
  ],
  ['I1', 'degraded announced, but page lives', [storage('degraded'), accept('a', 1, { volatile: true }), quiesce()]],
  [
    'I1',
    'refused by the server, shown to nobody',
    [accept('a', 1), commit('a', 1, 1, { seq: null, refused: 'too-long' }), nack('a', 'too-long'), quiesce()]
  ],
  ['I1', 'logout without a word', [accept('a', 1, { who: 'A' }), ident('A', 'B'), quiesce()]],
  ['I1', 'crash of the page, durable', [accept('a', 1), crash(), boot(TAB), quiesce()]],
  ['I1', 'cancelled without reason', [accept('a', 1), state('a', 'queued', 'cancelled'), quiesce()]],
  [
    'I1',
    'wipe with an open page that was opened again',
    [crash(), boot(TAB), accept('a', 1), { node: 'world', ev: 'wipe', dev: 'dev1', open: 1 }, quiesce({ t: 60000 })]
  ],
  ['I1', 'sent and never committed', [accept('a', 1), state('a', 'queued', 'sent'), quiesce()]],
  ['I1', 'agent message lost', [{ node: 'agent1', ev: 'accept', cid: 'x', thread: 't', hash: '#x' }, quiesce()]],
  ['I2', 'bubble without an id, other words', [sent('a', 1), nameless({ seq: 1, state: 'sent', hash: '#z' })]],
  ['I2', 'bubble without an id, at no place', [sent('a', 1), nameless({ seq: 2, state: 'received', hash: '#z' })]],
  ['I2', 'bubble without an id or a place', [sent('a', 1), nameless({ seq: null, state: 'queued', hash: '#z' })]],
  ['I2', 'row without an id, other words', [sent('a', 1), row(1, '#z')]],
  ['I2', 'row without an id, at no place', [sent('a', 1), row(2, '#z')]],
  [
    'I2',
    'bubbles without an id, swapped',
    [sent('a', 1), sent('b', 2), nameless({ seq: 1, state: 'sent', hash: '#b' }, { seq: 2, state: 'sent', hash: '#a' })]
  ],
  ['I2', 'dup without accept', [commit('a', 1, 1, { dup: true })]],
  ['I2', 'apply in other device, changed', [sent('a', 1), apply('a', 1, { node: 'dev2/tab1', hash: '#z' })]],
  [
    'I2',
    'accept without hash, different later',
    [accept('a', 1, { hash: undefined }), commit('a', 1, 1), apply('a', 1, { hash: '#z' })]
  ],
  ['I2', 'same cid, other words', [accept('a', 1), accept('a', 2, { hash: '#z' }), commit('a', 1, 1, { hash: '#z' })]],
  ['I2', 'log has what nobody said', [sent('a', 1), log('t', 'a', 'x')]],
  ['I2', 'log has other words', [sent('a', 1), { ...log('t', 'a'), entries: [{ seq: 1, cid: 'a', hash: '#z' }] }]],
  ['I2', 'apply in other thread', [sent('a', 1), apply('a', 1, { thread: 'u' })]],
  [
    'I2',
    'agent commit without accept',
    [{ node: 'srv', ev: 'commit', cid: 'x', thread: 't', seq: 1, author: 'agent', hash: '#x' }]
  ],
  [
    'I2',
    'commit by another browser than said it',
    [accept('a', 1, { dev: 'dev1' }), commit('a', 1, 1, { dev: 'dev2' }), quiesce()]
  ],
  ['I3', 'twice in one thread', [accept('a', 1), commit('a', 1, 1), commit('a', 2, 2)]],
  [
    'I3',
    'after server crash',
    [accept('a', 1), commit('a', 1, 1), ack('a', 1), crash('srv'), boot('srv', { epoch: 'e1' }), commit('a', 2, 2)]
  ],
  [
    'I3',
    'after claim',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      { ...ident('A', 'B'), joined: 'B' },
      commit('a', 2, 2, { who: 'B' })
    ]
  ],
  [
    'I3',
    'again after rollback twice',
    [accept('a', 1), commit('a', 1, 1), rollback(0), boot('srv', { epoch: 'e2' }), commit('a', 1, 1), commit('a', 2, 2)]
  ],
  ['I4', 'other place in apply', [accept('a', 1), commit('a', 1, 1), apply('a', 2)]],
  ['I4', 'other place on another device', [sent('a', 1), { ...renders('dev2/tab1', 'a:2:sent') }]],
  ['I4', 'ack without commits', [accept('a', 1), ack('a', 1), ack('a', 2)]],
  ['I6', 'log place', [sent('a', 1), sent('b', 2), log('t', 'b', 'a')]],
  ['I4', 'other place in a frame', [sent('a', 1), message('a', 9)]],
  [
    'I5',
    'echo without an id',
    [
      accept('a', 1),
      commit('a', 1, 1),
      nameless({ seq: 1, state: 'received', hash: '#a' }, { cid: 'a', seq: null, state: 'queued', hash: '#a' })
    ]
  ],
  ['I5', 'echo race', [accept('a', 1), commit('a', 1, 1), shows('a:1:sent', 'a::queued')]],
  ['I5', 'two at one place', [sent('a', 1), sent('b', 2), shows('a:1:sent', 'b:1:sent')]],
  [
    'I5',
    'in tab 2 after crash',
    [sent('a', 1), crash(), boot('dev1/tab2'), renders('dev1/tab2', 'a:1:sent', 'a:1:sent')]
  ],
  [
    'I6',
    'nodes disagree, no commits',
    [accept('a', 1), accept('b', 2), apply('a', 1), apply('b', 1, { node: 'dev2/tab1' })]
  ],
  ['I6', 'applied what was never committed', [sent('a', 1), accept('b', 2), apply('b', 2)]],
  ['I6', 'hole', [sent('a', 1), accept('b', 2), commit('b', 3, 2)]],
  ['I6', 'log lacks the last', [accept('a', 1), commit('a', 1, 1), reply('b', 2), log('t', 'a')]],
  [
    'I6',
    'log holds another one',
    [accept('a', 1), accept('b', 2), commit('a', 1, 1), commit('b', 2, 2), log('t', 'b', 'a')]
  ],
  ['I6', 'thread without a log', [sent('a', 1), accept('b', 1, OTHER), commit('b', 1, 1, OTHER), log('t', 'a')]],
  ['I6', 'head above its entries', [sent('a', 1), { ...log('t', 'a'), head: 2 }]],
  ['I6', 'starts at 0', [accept('a', 1), commit('a', 0, 1)]],
  [
    'I6',
    'hole after rollback',
    [accept('a', 1), commit('a', 1, 1), rollback(0), boot('srv', { epoch: 'e2' }), commit('a', 2, 1)]
  ],
  [
    'I7',
    'no cseq in commits',
    [accept('a', 1), accept('b', 2), commit('b', 1, 2, { cseq: undefined }), commit('a', 2, 1, { cseq: undefined })]
  ],
  [
    'I7',
    'skip in a second thread',
    [sent('a', 1), accept('b', 1, { thread: 'u' }), accept('c', 2, { thread: 'u' }), commit('c', 1, 2, { thread: 'u' })]
  ],
  [
    'I7',
    'skip after claim',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      { ...ident('A', 'B'), joined: 'B' },
      accept('b', 2, { who: 'B' }),
      accept('c', 3, { who: 'B' }),
      commit('c', 2, 3, { who: 'B' })
    ]
  ],
  ['I7', 'same number twice', [accept('a', 1), accept('b', 2), commit('a', 1, 1), commit('b', 2, 1)]],
  [
    'I8',
    'comes back elsewhere',
    [sent('a', 1), sent('b', 2), shows('a::sent', 'b::sent'), shows('a::sent'), shows('b::sent', 'a::sent')]
  ],
  ['I8', 'tab 2', [sent('a', 1), accept('b', 2), renders('dev1/tab2', 'b::sending', 'a:1:delivered')]],
  ['I8', 'pending across tabs', [accept('a', 1), accept('b', 2, at2), shows('b::queued', 'a::queued')]],
  ['I8', 'received after waiting', [accept('b', 1), reply('x', 1), apply('x', 1), shows('b::queued', 'x:1:received')]],
  ['I9', 'falls in other tab', [sent('a', 1), reply('b', 2), apply('b', 2), cursor(2), cursor(1, at2)]],
  [
    'I9',
    'applied elsewhere only',
    [accept('a', 1), commit('a', 1, 1), apply('a', 1, { node: 'dev2/tab1' }), cursor(1)]
  ],
  [
    'I9',
    'across a gap',
    [sent('a', 1), reply('b', 2), reply('c', 3), apply('c', 3), cursor(1, { gaps: [{ from: 2, to: 2 }] }), cursor(3)]
  ],
  [
    'I9',
    'old rows in a new epoch',
    [
      sent('a', 1),
      rollback(0),
      boot('srv', { epoch: 'e2' }),
      accept('b', 1, { node: 'dev2/tab1' }),
      commit('b', 1, 1, { dev: 'dev2' }),
      cursor(1, { epoch: 'e2' })
    ]
  ],
  [
    'I12',
    'back to the old epoch, lower',
    [sent('a', 1), sent('b', 2), rollback(20), cursor(0, { epoch: 'e2' }), cursor(1, { epoch: 'e1' })]
  ],
  ['I9', 'a gap is forgotten', [sent('a', 1), reply('b', 2), reply('c', 3), apply('c', 3), cursor(1, { head: 3 })]],
  [
    'I9',
    'a gap that ends before it begins',
    [sent('a', 1), reply('b', 2), apply('b', 2), cursor(1, { head: 2, gaps: [{ from: 4, to: 2 }] })]
  ],
  ['I9', 'a row between others is dropped', [sent('a', 1), sent('b', 2), sent('c', 3), forget(2)]],
  [
    'I9',
    'after logout',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      apply('a', 1, { who: 'A' }),
      cursor(1, { who: 'A' }),
      ident('A', 'B'),
      cursor(1, { who: 'B' })
    ]
  ],
  ['I10', 'no applies at all', [reply('a', 1), reply('b', 2), reply('c', 3), shows('a:1:received', 'c:3:received')]],
  [
    'I10',
    'hole at the end',
    [
      reply('a', 1),
      reply('b', 2),
      reply('c', 3),
      apply('a', 1),
      apply('c', 3),
      cursor(1, { head: 3, gaps: [{ from: 2, to: 2 }] }),
      { ...shows('a:1:received'), t: 30000 }
    ]
  ],
  [
    'I10',
    'hole at the beginning',
    [
      reply('a', 1),
      reply('b', 2),
      apply('b', 2),
      cursor(0, { head: 2, gaps: [{ from: 1, to: 1 }] }),
      { ...shows('b:2:received'), t: 30000 }
    ]
  ],
  [
    'I10',
    'two holes and one shown',
    [
      reply('a', 1),
      reply('b', 2),
      reply('c', 3),
      reply('d', 4),
      reply('e', 5),
      apply('a', 1),
      apply('c', 3),
      apply('e', 5),
      { ...shows('a:1:received', '…c:3:received', 'e:5:received'), t: 30000 }
    ]
  ],
  [
    'I10',
    'nothing says that the end is missing',
    [sent('a', 1), reply('b', 2), cursor(1, { head: 2 }), { ...shows('a:1:sent'), t: 9000 }]
  ],
  [
    'I11',
    'ack of what was taken back',
    [accept('a', 1), commit('a', 1, 1), rollback(0), boot('srv', { epoch: 'e2' }), ack('a', 1)]
  ],
  [
    'I11',
    'rolled back without a new epoch',
    [
      boot('srv', { epoch: 'e1' }),
      accept('a', 1),
      commit('a', 1, 1),
      ack('a', 1),
      rollback(0),
      boot('srv', { epoch: 'e1' })
    ]
  ],
  [
    'I11',
    'refused, then taken after a crash',
    [accept('a', 1), nack('a', 'too-long'), crash('srv'), boot('srv', { epoch: 'e1' }), commit('a', 1, 1)]
  ],
  [
    'I6',
    'acked and place given anew',
    [
      accept('a', 1),
      commit('a', 1, 1),
      ack('a', 1),
      crash('srv'),
      boot('srv', { epoch: 'e1' }),
      accept('b', 2),
      commit('b', 1, 2)
    ]
  ],
  [
    'I11',
    'refused after it was acked',
    [accept('a', 1), commit('a', 1, 1), ack('a', 1), crash('srv'), nack('a', 'forbidden')]
  ],
  ['I11', 'another one in its place', [accept('a', 1), commit('a', 1, 1), ack('a', 1), nack('a', 'seq-reuse')]],
  ['I11', 'acked though refused', [accept('a', 1), commit('a', 1, 1, { seq: null, refused: 'too-long' }), ack('a', 1)]],
  ['I11', 'gone in the log, taken back later', [sent('a', 1), log('t'), rollback(0), boot('srv', { epoch: 'e2' })]],
  [
    'I12',
    'honoured before the boot',
    [
      boot('srv', { epoch: 'e1' }),
      rollback(0),
      { node: 'srv', ev: 'resume', dev: 'dev1', epoch: 'e1', honoured: true },
      boot('srv', { epoch: 'e2' })
    ]
  ],
  ['I12', 'restore of a backup', [boot('srv', { epoch: 'e1' }), fault('restore'), boot('srv', { epoch: 'e1' })]],
  ['I12', 'server rollback', [boot('srv', { epoch: 'e1' }), fault('server rollback'), boot('srv', { epoch: 'e1' })]],
  [
    'I12',
    'second rollback',
    [boot('srv', { epoch: 'e1' }), rollback(0), boot('srv', { epoch: 'e2' }), rollback(0), boot('srv', { epoch: 'e2' })]
  ],
  [
    'I12',
    'back to an epoch of before',
    [boot('srv', { epoch: 'e1' }), rollback(0), boot('srv', { epoch: 'e2' }), rollback(0), boot('srv', { epoch: 'e1' })]
  ],
  [
    'I12',
    'crash between',
    [boot('srv', { epoch: 'e1' }), crash('srv'), rollback(0), crash('srv'), boot('srv', { epoch: 'e1' })]
  ],
  ['I13', 'one state only', [accept('a', 1), state('a', 'sent', 'queued')]],
  [
    'I13',
    'read to delivered',
    [accept('a', 1), commit('a', 1, 1), state('a', 'sent', 'read'), state('a', 'read', 'delivered')]
  ],
  [
    'I13',
    'across tabs',
    [accept('a', 1), commit('a', 1, 1), state('a', 'queued', 'sent'), state('a', 'sent', 'queued', at2)]
  ],
  [
    'I13',
    'cancelled to queued',
    [accept('a', 1), state('a', 'queued', 'cancelled', { reason: 'x' }), state('a', 'cancelled', 'queued')]
  ],
  ['I13', 'on a screen, read to sent', [sent('a', 1), shows('a:1:read'), { ...shows('a:1:sent'), t: 9000 }]],
  ['I13', 'read, then sent again', [sent('a', 1), state('a', 'sent', 'read'), state('a', 'read', 'sent')]],
  [
    'I13',
    'a new tab does not know that it was sent',
    [sent('a', 1), boot('dev1/tab2'), { ...renders('dev1/tab2', 'a::queued'), t: 3000 }]
  ],
  [
    'I13',
    'a new tab does not know that it was read',
    [
      sent('a', 1),
      read(1, { id: 'team', disk: 'dev1' }),
      boot('dev1/tab2'),
      { ...renders('dev1/tab2', 'a:1:sent'), t: 3000 }
    ]
  ],
  [
    'I13',
    'failed to sent',
    [accept('a', 1), state('a', 'queued', 'failed', { reason: 'x' }), state('a', 'failed', 'sent')]
  ],
  ['I14', 'falls', [sent('a', 1), sent('b', 2), read(2), read(1)]],
  [
    'I14',
    'falls on the disk',
    [sent('a', 1), sent('b', 2), read(2, { disk: 'dev1' }), read(1, { disk: 'dev1', node: 'dev1/tab2' })]
  ],
  ['I14', 'above the head', [sent('a', 1), read(2)]],
  ['I14', 'of an empty thread', [sent('a', 1), read(2, { thread: 'u' })]],
  ['I14', 'team falls', [sent('a', 1), sent('b', 2), read(2, { id: 'team' }), read(1, { id: 'team' })]],
  [
    'I15',
    'older words at the end',
    [sent('a', 1), edit('a', 1), apply('a', 1, { rev: 1, hash: '#a.1' }), edit('a', 2), words('a', '#a.1'), quiesce()]
  ],
  ['I15', 'log with old words', [sent('a', 1), edit('a', 1), log('t', 'a')]],
  ['I15', 'never applied', [sent('a', 1), edit('a', 1), words('a', '#a'), quiesce()]],
  [
    'I15',
    'redacted is shown',
    [
      sent('a', 1),
      edit('a', 1, { redacted: true, hash: undefined }),
      apply('a', 1, { rev: 1, hash: undefined }),
      words('a', '#a')
    ]
  ],
  [
    'I15',
    'redacted stays on the disk',
    [sent('a', 1), edit('a', 1, { redacted: true, hash: undefined }), apply('a', 1, { rev: 1, hash: '#a' })]
  ],
  ['I15', 'edited after redaction', [sent('a', 1), edit('a', 1, { redacted: true, hash: undefined }), edit('a', 2)]],
  [
    'I15',
    'lower rev applied later',
    [
      sent('a', 1),
      edit('a', 1),
      edit('a', 2),
      apply('a', 1, { rev: 2, hash: '#a.2' }),
      apply('a', 1, { rev: 1, hash: '#a.1' }),
      words('a', '#a.1')
    ]
  ],
  [
    'I15',
    'redacted shown in other tab',
    [
      sent('a', 1),
      edit('a', 1, { redacted: true, hash: undefined }),
      apply('a', 1, { rev: 1, hash: undefined }),
      { ...words('a', '#a'), node: 'dev1/tab2', t: 30000 }
    ]
  ],
  ['I16', 'two at the end', [lead(TAB, 1), lead('dev1/tab2', 2), { ...shows(), t: 60000 }]],
  ['I16', 'same number', [lead(TAB, 1), lead(TAB, 1, 'lose'), lead('dev1/tab2', 1)]],
  [
    'I16',
    'commit of a lower one',
    [accept('a', 1), lead(TAB, 1), lead('dev1/tab2', 2), commit('a', 1, 1, { term: 1 })]
  ],
  [
    'I16',
    'welcome of a lower one',
    [
      { node: 'srv', ev: 'welcome', dev: 'dev1', epoch: 2 },
      { node: 'srv', ev: 'welcome', dev: 'dev1', epoch: 1 }
    ]
  ],
  [
    'I16',
    'fenced goes on',
    [accept('a', 1), lead(TAB, 1), lead('dev1/tab2', 2), lead(TAB, 1, 'fenced'), commit('a', 1, 1, { leaderEpoch: 1 })]
  ],
  [
    'I16',
    'named by a member',
    [
      { node: TAB, ev: 'lead', epoch: 2, gain: true },
      { node: 'dev1/tab2', ev: 'lead', epoch: 1, gain: true }
    ]
  ],
  [
    'I16',
    'frame of a connection of a lower one',
    [accept('a', 1), welcome(1, 1), welcome(2, 2), offered(1), commit('a', 1, 1)]
  ],
  ['I16', 'resumed on it', [welcome(1, 1), welcome(2, 2), { node: 'srv', ev: 'resume', dev: 'dev1', conn: 1 }]],
  [
    'I16',
    'answered to it once more',
    [
      accept('a', 1),
      welcome(1, 1),
      commit('a', 1, 1, { term: 1 }),
      welcome(2, 2),
      commit('a', 1, 1, { term: 1, dup: true })
    ]
  ],
  ['I17', 'frame of A to B', [toA, at('B'), told(2, 'a')]],
  ['I17', 'frame of B with a command of A', [toA, at('B'), offered(2)]],
  ['I17', 'frame with a reply to A', [toA, reply('x', 2), at('B'), told(2, 'x')]],
  ['I17', 'ack of A to B', [toA, at('B'), { ...ack('a', 1), dev: 'dev2' }]],
  [
    'I17',
    'sent anew after A has left',
    [accept('a', 1, { who: 'A' }), ident('A', 'B'), wire(TAB, 'out', 2, { t: 'send', cid: 'a' })]
  ],
  ['I17', 'a row of A stays', [toA, apply('a', 1), ident('A', 'B'), { ...shows(), t: 10_000 }]],
  ['I17', 'stored as A after A has left', [toA, ident('A', 'B'), apply('a', 1, { who: 'A' })]],
  [
    'I17',
    'shown as A after A has left, in another tab',
    [toA, ident('A', 'B'), { ...renders('dev1/tab2', 'a:1:sent'), who: 'A', t: 5000 }]
  ],
  ['I17', 'as A in a browser of B', [toA, at('B'), apply('a', 1, { node: 'dev2/tab1', who: 'A' })]],
  ['I17', 'thread of A read by B', [toA, at('B'), read(1, { node: 'dev2/tab1' })]],
  ['I17', 'cursor in a thread of A at B', [toA, at('B'), cursor(1, { node: 'dev2/tab1' })]],
  ['I17', 'row in a thread of A at B', [toA, at('B'), apply('a', 1, { node: 'dev2/tab1', cid: undefined })]],
  [
    'I17',
    'boot as another',
    [
      boot(TAB, { who: 'A' }),
      accept('a', 1),
      commit('a', 1, 1),
      crash(),
      boot('dev1/tab2', { who: 'B' }),
      { ...renders('dev1/tab2', 'a:1:sent') }
    ]
  ],
  [
    'I17',
    'reply to A at B',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      reply('x', 2),
      ident('A', 'B'),
      apply('x', 2, { who: 'B' })
    ]
  ],
  ['I17', 'commit with B token', [accept('a', 1, { who: 'A' }), ident('A', 'B'), commit('a', 1, 1, { who: 'B' })]],
  [
    'I17',
    'other device',
    [accept('a', 1, { who: 'A' }), commit('a', 1, 1, { who: 'A' }), apply('a', 1, { node: 'dev2/tab1', who: 'B' })]
  ],
  [
    'I17',
    'draft of A',
    [draft('typed', '#w', { who: 'A' }), ident('A', 'B'), draft('shown', '#w', { who: 'B', t: 5000 })]
  ],
  [
    'I17',
    'thread of A',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      ident('A', 'B'),
      accept('b', 1, { who: 'B' }),
      commit('b', 2, 1, { who: 'B', dev: 'dev1', device: 'd2' })
    ]
  ],
  ['I18', 'refused member', [accept('a', 1), commit('a', 1, 1, { seq: null, refused: true, reason: 'session_ended' })]],
  ['I18', 'offline', [accept('a', 1), nack('a', 'agents_offline')]],
  ['I18', 'state', [accept('a', 1), state('a', 'queued', 'failed', { reason: 'chat-closed' })]],
  [
    'I18',
    'other device',
    [accept('a', 1, OTHER), commit('a', 1, 1, { ...OTHER, node: 'srv', seq: null, refused: 'session-ended' })]
  ],
  ['I18', 'no agents', [accept('a', 1), nack('a', 'no-agents')]],
  ['I18', 'in a frame alone', [accept('a', 1), wire('srv', 'out', 1, { t: 'nack', cid: 'a', code: 'session-ended' })]],
  ['I19', 'two tabs', [accept('a', 1, { inbox: 'i' }), accept('b', 1, { inbox: 'i', thread: 'u', node: 'dev1/tab2' })]],
  [
    'I19',
    'two devices',
    [accept('a', 1, { inbox: 'i', who: 'A' }), accept('b', 1, { inbox: 'i', who: 'A', thread: 'u', node: 'dev2/tab1' })]
  ],
  [
    'I19',
    'commits',
    [
      accept('a', 1),
      accept('b', 1, { thread: 'u' }),
      commit('a', 1, 1, { default: true }),
      commit('b', 1, 1, { default: true, thread: 'u' })
    ]
  ],
  [
    'I19',
    'boot with who',
    [
      boot(TAB, { who: 'A' }),
      boot('dev2/tab1', { who: 'A' }),
      accept('a', 1, { inbox: 'i' }),
      accept('b', 1, { inbox: 'i', thread: 'u', node: 'dev2/tab1' })
    ]
  ],
  [
    'I20',
    'accept unflagged and nobody told',
    [
      storage('durable'),
      { node: TAB, ev: 'fault', kind: 'storage', error: 'full' },
      accept('a', 1),
      commit('a', 1, 1),
      quiesce({ t: 9000 })
    ]
  ],
  ['I20', 'whole browser', [storage('durable'), { node: 'dev1', ev: 'fault', kind: 'quota' }, quiesce({ t: 9000 })]],
  [
    'I20',
    'named as in the table',
    [storage('durable'), { node: TAB, ev: 'fault', kind: 'IDB deleted' }, quiesce({ t: 9000 })]
  ],
  [
    'I20',
    'ends with something else',
    [storage('durable'), { node: TAB, ev: 'fault', kind: 'quota' }, { ...shows(), t: 9000 }]
  ],
  ['I20', 'volatile, said to be kept', [storage('volatile'), accept('a', 1, { volatile: false }), commit('a', 1, 1)]],
  [
    'I20',
    'in memory only, screen says durable',
    [storage('durable'), accept('a', 1, { volatile: true }), { ...commit('a', 1, 1), t: 9000 }, quiesce()]
  ],
  [
    'I20',
    'second tab',
    [
      storage('durable'),
      storage('durable', at2),
      fault('idb', { dev: 'dev1' }),
      storage('volatile'),
      quiesce({ t: 9000 })
    ]
  ],
  ['I20', 'no storage event before', [boot(TAB), fault('idb', { dev: 'dev1' }), quiesce({ t: 9000 })]],
  [
    'I20',
    'said to be kept, while the disk fails',
    [
      storage('durable'),
      full,
      accept('a', 1, { volatile: false }),
      { ...commit('a', 1, 1), t: 1000 },
      { ...works, t: 9000 }
    ]
  ],
  ['I20', 'durable too early', [full, storage('degraded'), storage('durable'), { ...works, t: 9000 }]],
  [
    'I20',
    'page of a disk that fails',
    [fault('idb', { dev: 'dev1' }), boot(TAB), storage('durable'), quiesce({ t: 9000 })]
  ],
  [
    'I21',
    'typed on, all is gone',
    [
      draft('typed', '#a'),
      draft('typed', '#ab', { t: 900 }),
      crash(TAB, { t: 1000 }),
      boot('dev1/tab2'),
      draft('shown', undefined, at2)
    ]
  ],
  [
    'I21',
    'closed tidily',
    [draft('typed', '#a'), { node: TAB, ev: 'close', t: 1000 }, boot('dev1/tab2'), draft('shown', undefined, at2)]
  ],
  [
    'I21',
    'after a rollback that leaves the thread',
    [
      sent('a', 1),
      draft('typed', '#w'),
      { ...crash(), t: 1000 },
      rollback(20),
      boot('srv', { epoch: 'e2' }),
      draft('shown', undefined, at2)
    ]
  ],
  [
    'I21',
    'older words',
    [
      draft('typed', '#a'),
      draft('typed', '#ab', { t: 300 }),
      crash(TAB, { t: 3000 }),
      boot('dev1/tab2'),
      draft('shown', '#a', at2)
    ]
  ],
  ['I22', 'only on a screen', [accept('a', 1), shows('a::failed'), commit('a', 1, 1)]],
  [
    'I22',
    'other tab',
    [accept('a', 1), state('a', 'queued', 'failed', { reason: 'x', ...at2 }), crash('dev1/tab2'), commit('a', 1, 1)]
  ],
  [
    'I22',
    'retried before it failed',
    [accept('a', 1), retry('a'), state('a', 'queued', 'failed', { reason: 'x' }), commit('a', 1, 1)]
  ],
  [
    'I22',
    'after logout',
    [
      accept('a', 1, { who: 'A' }),
      state('a', 'queued', 'failed', { reason: 'x' }),
      ident('A', 'B'),
      commit('a', 1, 1, { who: 'A' })
    ]
  ],
  ['I22', 'ambiguous', [accept('a', 1), out('a'), state('a', 'queued', 'failed', { reason: 'timeout' })]],
  ['I23', 'no quiesce', [accept('a', 1), { ...commit('a', 1, 1), t: 100_000 }]],
  ['I23', 'cut short', [accept('a', 1), { ...shows('a::queued'), t: 50_000 }]],
  [
    'I23',
    'late after heal',
    [accept('a', 1), fault('cut'), { node: 'world', ev: 'heal' }, { ...commit('a', 1, 1), t: 60_000 }, quiesce()]
  ],
  ['I23', 'hidden', [accept('a', 1), { ...commit('a', 1, 1), t: 130_000 }, quiesce({ hidden: true })]],
  [
    'I23',
    'outbox on another device',
    [
      accept('a', 1, OTHER),
      commit('a', 1, 1, { ...OTHER, node: 'srv' }),
      quiesce({ outbox: { dev2: ['a'] }, t: 60_000 })
    ]
  ],
  ['I24', 'behind, tabs without a boot', [sent('a', 1), reply('b', 2), quiesce({ tabs: [TAB] })]],
  [
    'I24',
    'commits say who',
    [accept('a', 1, { who: 'A' }), commit('a', 1, 1, { who: 'A' }), apply('a', 1), cursor(0), quiesce()]
  ],
  [
    'I24',
    'empty screen',
    [sent('a', 1), reply('b', 2), apply('b', 2), cursor(2), shows('a:1:sent'), shows(), quiesce({ tabs: [TAB] })]
  ],
  ['I24', 'late', [sent('a', 1), reply('b', 2), { ...apply('b', 2), t: 60_000 }, cursor(2)]],
  [
    'I24',
    'late, hidden',
    [sent('a', 1), reply('b', 2), { ...apply('b', 2), t: 130_000 }, cursor(2), quiesce({ hidden: true })]
  ],
  [
    'I24',
    'thread that nobody fetched',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      apply('a', 1),
      cursor(1, { who: 'A' }),
      accept('b', 1, { thread: 'v', who: 'A' }),
      commit('b', 1, 1, { thread: 'v', who: 'A' }),
      quiesce({ t: 60_000 })
    ]
  ],
  ['I24', 'behind, and no quiesce', [sent('a', 1), reply('b', 2), { ...read(1), t: 200_000 }]],
  ['I24', 'device 2', [sent('a', 1), cursor(0, { node: 'dev2/tab1' }), quiesce()]],
  ['I25', 'no faults', [lead(TAB, 1), { ...lead('dev1/tab2', 2), t: 3000 }, { ...lead(TAB, 3), t: 6000 }]],
  [
    'I25',
    'another browser began',
    [
      { ...lead('dev1/tab1', 1), t: 30_000 },
      boot('dev2/tab1'),
      { ...lead('dev1/tab1', 1, 'lose'), t: 32_000 },
      { ...lead('dev1/tab2', 2), t: 33_000 }
    ]
  ],
  ['I25', 'dials', [Array.from({ length: 31 }, (_, i): Loose => ({ node: TAB, ev: 'wire', dir: 'dial', t: i * 900 }))]],
  ['I26', 'other things left', [{ node: TAB, ev: 'close', maps: 2 }]],
  ['I26', 'timers', [{ node: TAB, ev: 'crash', timers: 2 }]],
  [
    'I26',
    'census',
    [
      { node: TAB, ev: 'census', listeners: 1 },
      { node: TAB, ev: 'census', listeners: 2 }
    ]
  ]
]

/** Histories that look odd, and break nothing. */
const GOOD: readonly (readonly [string, readonly (Loose | readonly Loose[])[]])[] = [
  [
    'nothing has its id',
    [
      accept('a', 1),
      nameless({ seq: null, state: 'queued', hash: '#a' }),
      commit('a', 1, 1),
      row(1, '#a'),
      nameless({ seq: 1, state: 'sent', hash: '#a' }),
      accept('b', 2),
      nameless({ seq: 1, state: 'sent', hash: '#a' }, { cid: 'b', seq: null, state: 'queued', hash: '#b' }),
      commit('b', 2, 2)
    ]
  ],
  [
    'rows without an id from before the log was taken back',
    [
      accept('a', 1),
      commit('a', 1, 1),
      row(1, '#a'),
      rollback(0),
      boot('srv', { epoch: 'e2' }),
      reply('b', 1),
      nameless({ seq: 1, state: 'sent', hash: '#a' })
    ]
  ],
  ['a log of each thread', [sent('a', 1), log('t', 'a')]],
  [
    'asked to wait after it was acknowledged, and refused as another device',
    [
      accept('a', 1),
      commit('a', 1, 1, { device: 'd1' }),
      ack('a', 1),
      nack('a', 'busy'),
      commit('a', 1, 1, { device: 'd2', seq: null, refused: 'forbidden' }),
      nack('a', 'forbidden')
    ]
  ],
  ['told where it is', [accept('a', 1), commit('a', 1, 1), message('a', 1)]],
  [
    'a gap that its cursor names, and a screen that loads',
    [
      sent('a', 1),
      reply('b', 2),
      reply('c', 3),
      apply('c', 3),
      cursor(1, { head: 3, gaps: [{ from: 2, to: 2 }] }),
      { ...shows('a:1:sent'), syncing: true, t: 9000 }
    ]
  ],
  ['the oldest rows make room', [sent('a', 1), sent('b', 2), sent('c', 3), forget(1), forget(2), cursor(3)]],
  [
    'a disk that hung takes what is shown already',
    [sent('a', 1), state('a', 'sent', 'read'), state('a', 'queued', 'sent')]
  ],
  [
    'another tab is behind, and a new one is not',
    [
      boot('dev1/tab2'),
      sent('a', 1),
      { ...renders('dev1/tab2', 'a::queued'), t: 3000 },
      boot('dev1/tab3'),
      { ...renders('dev1/tab3', 'a:1:sent'), t: 6000 },
      { ...read(1, { id: 'team', disk: 'dev1' }), t: 7000 },
      { ...renders('dev1/tab3', 'a:1:sent'), t: 7500 }
    ]
  ],
  [
    'older ones fill their gap when somebody asks for them',
    [
      sent('a', 1),
      reply('b', 2),
      reply('c', 3),
      apply('c', 3),
      cursor(1, { head: 3, gaps: [{ from: 2, to: 2 }] }),
      { ...apply('b', 2), t: 100_000 },
      cursor(3, { head: 3 })
    ]
  ],
  [
    'a thread of another visitor, and one that has just begun',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      apply('a', 1),
      cursor(1, { who: 'A' }),
      accept('x', 1, { ...OTHER, who: 'B' }),
      commit('x', 1, 1, { ...OTHER, node: 'srv', who: 'B' }),
      accept('b', 1, { thread: 'v', who: 'A', t: 60_000 }),
      commit('b', 1, 1, { thread: 'v', who: 'A' }),
      quiesce()
    ]
  ],
  ['behind, and the end comes soon', [sent('a', 1), reply('b', 2), { ...boot('dev2/tab1'), t: 60_000 }]],
  [
    'the log has its last words',
    [sent('a', 1), edit('a', 1, { hash: '#b' }), edit('a', 2, { hash: '#a' }), log('t', 'a')]
  ],
  ['empty thread', [boot(TAB), quiesce()]],
  [
    'offered on an old connection, and again',
    [accept('a', 1), welcome(1, 1), welcome(2, 2), offered(1), offered(2), commit('a', 1, 1)]
  ],
  [
    'gone on with after a server that was taken back',
    [welcome(1, 1), welcome(2, 2), rollback(0), welcome(1, 1), { node: 'srv', ev: 'resume', dev: 'dev1', conn: 1 }]
  ],
  [
    'two browsers of one visitor',
    [
      toA,
      at('A'),
      told(2, 'a'),
      apply('a', 1, { node: 'dev2/tab1' }),
      cursor(1, { node: 'dev2/tab1' }),
      read(1, { node: 'dev2/tab1' })
    ]
  ],
  [
    'somebody signs in, and has it',
    [
      toA,
      at('B'),
      { ...ident('B', 'A'), node: 'dev2/tab1', joined: 'A' },
      told(2, 'a'),
      apply('a', 1, { node: 'dev2/tab1', who: 'A' })
    ]
  ],
  [
    'sent while its visitor leaves',
    [
      accept('a', 1, { who: 'A' }),
      wire(TAB, 'out', 1, { t: 'hello' }),
      ident('A', 'B'),
      wire(TAB, 'out', 1, { t: 'send', cid: 'a' })
    ]
  ],
  [
    'left, and come back',
    [
      toA,
      apply('a', 1),
      ident('A', 'B'),
      { node: TAB, ev: 'forget', thread: 't', seq: 1 },
      { ...welcome(2, 2), t: 10_000 },
      apply('a', 1, { who: 'A' })
    ]
  ],
  [
    'refused as it is not there',
    [accept('a', 1), wire('srv', 'out', 1, { t: 'nack', cid: 'a', code: 'rejected', reason: 'not-found' })]
  ],
  [
    'refused until there is another token',
    [accept('a', 1), wire('srv', 'out', 1, { t: 'nack', cid: 'a', code: 'unauthorized', reason: 'session-expired' })]
  ],
  [
    'numbers that begin anew with the next visitor',
    [welcome(1, 5), ident('A', 'B'), welcome(2, 1), { node: 'srv', ev: 'resume', dev: 'dev1', conn: 2 }]
  ],
  [
    'a disk that works again',
    [
      full,
      storage('degraded'),
      accept('a', 1, { volatile: true }),
      works,
      accept('b', 2, { volatile: false }),
      storage('durable'),
      { ...shows('a::queued', 'b::queued'), t: 20_000 }
    ]
  ],
  [
    'a page of a disk that works soon',
    [
      fault('idb', { dev: 'dev1' }),
      boot(TAB),
      { ...fault('storage works', { dev: 'dev1' }), t: 2000 },
      storage('durable'),
      quiesce({ t: 9000 })
    ]
  ],
  ['cut short, and its page is gone', [accept('a', 1), crash(), { ...boot('dev2/tab1'), t: 50_000 }]],
  [
    'refusal kept as a commit',
    [
      accept('a', 1),
      accept('b', 2),
      commit('a', 1, 1, { seq: null, refused: 'too-long' }),
      nack('a', 'too-long'),
      state('a', 'queued', 'failed', { reason: 'too-long' }),
      commit('b', 1, 2),
      ack('b', 1),
      quiesce()
    ]
  ],
  [
    'refusal known by nack alone',
    [
      accept('a', 1),
      accept('b', 2),
      nack('a', 'too-long'),
      state('a', 'queued', 'failed', { reason: 'too-long' }),
      commit('b', 1, 2),
      ack('b', 1),
      quiesce()
    ]
  ],
  [
    'refusal with frames, without nack',
    [
      accept('a', 1),
      out('a'),
      commit('a', 1, 1, { seq: null, refused: 'too-long' }),
      state('a', 'queued', 'failed', { reason: 'too-long' }),
      quiesce()
    ]
  ],
  [
    'nack in a frame',
    [
      accept('a', 1),
      out('a'),
      { node: TAB, ev: 'wire', dir: 'in', conn: 1, frame: { t: 'nack', cid: 'a', reason: 'too-long' } },
      state('a', 'queued', 'failed', { reason: 'too-long' }),
      quiesce()
    ]
  ],
  [
    'too large before it is sent',
    [
      accept('z', 1),
      out('z'),
      commit('z', 1, 1),
      accept('a', 2),
      state('a', 'queued', 'failed', { reason: 'too_large' }),
      quiesce()
    ]
  ],
  [
    'expired',
    [
      accept('a', 1),
      out('a'),
      { ...state('a', 'queued', 'failed', { reason: 'expired' }), t: 8 * 86_400_000 },
      quiesce()
    ]
  ],
  [
    'expired, and sent again by its visitor',
    [
      accept('a', 1),
      out('a'),
      { ...state('a', 'queued', 'failed', { reason: 'expired' }), t: 8 * 86_400_000 },
      retry('a'),
      state('a', 'failed', 'queued'),
      commit('a', 1, 1),
      state('a', 'queued', 'sent'),
      quiesce()
    ]
  ],
  [
    'retry as a state',
    [
      accept('a', 1),
      state('a', 'queued', 'failed', { reason: 'x' }),
      state('a', 'failed', 'queued', { reason: 'retry' }),
      commit('a', 1, 1),
      state('a', 'queued', 'sent'),
      quiesce()
    ]
  ],
  [
    'retry, screens in between missed',
    [accept('a', 1), shows('a::failed'), retry('a'), commit('a', 1, 1), shows('a:1:sent'), quiesce()]
  ],
  [
    'resend',
    [
      accept('a', 1),
      out('a'),
      commit('a', 1, 1),
      out('a'),
      commit('a', 1, 1, { dup: true }),
      ack('a', 1),
      ack('a', 1),
      apply('a', 1),
      cursor(1),
      quiesce()
    ]
  ],
  [
    'rollback and resend',
    [
      boot('srv', { epoch: 'e1' }),
      accept('a', 1),
      commit('a', 1, 1),
      ack('a', 1),
      rollback(1),
      boot('srv', { epoch: 'e2' }),
      commit('a', 1, 1),
      ack('a', 1),
      apply('a', 1),
      cursor(1, { epoch: 'e2' }),
      quiesce()
    ]
  ],
  [
    'rollback with heads',
    [
      boot('srv', { epoch: 'e1' }),
      sent('a', 1),
      accept('b', 2),
      commit('b', 2, 2),
      ack('b', 2),
      fault('rollback', { heads: { t: 1 } }),
      boot('srv', { epoch: 'e2' }),
      commit('b', 2, 2),
      ack('b', 2),
      apply('b', 2),
      cursor(2, { epoch: 'e2' }),
      quiesce()
    ]
  ],
  [
    'server rollback named as in the table',
    [
      boot('srv', { epoch: 'e1' }),
      sent('a', 1),
      accept('b', 2),
      commit('b', 2, 2),
      fault('server rollback', { heads: { t: 1 } }),
      boot('srv', { epoch: 'e2' }),
      commit('b', 2, 2),
      apply('b', 2),
      cursor(2, { epoch: 'e2' }),
      quiesce()
    ]
  ],
  [
    'rollback without anything',
    [
      boot('srv', { epoch: 'e1' }),
      sent('a', 1),
      accept('b', 2),
      commit('b', 2, 2),
      fault('restore'),
      boot('srv', { epoch: 'e2' }),
      commit('b', 2, 2),
      apply('b', 2),
      cursor(2, { epoch: 'e2' }),
      quiesce()
    ]
  ],
  [
    'rollback, whole resync',
    [
      boot('srv', { epoch: 'e1' }),
      sent('a', 1),
      reply('x', 2),
      apply('x', 2),
      cursor(2),
      fault('rollback', { heads: { t: 1 } }),
      boot('srv', { epoch: 'e2' }),
      cursor(0, { epoch: 'e2' }),
      apply('a', 1),
      cursor(1, { epoch: 'e2' }),
      shows('a:1:sent'),
      quiesce()
    ]
  ],
  [
    'gap recorded and filled',
    [
      sent('a', 1),
      reply('b', 2),
      reply('c', 3),
      apply('c', 3),
      cursor(1, { head: 3, gaps: [{ from: 2, to: 2 }] }),
      shows('a:1:sent', '…c:3:received'),
      apply('b', 2),
      cursor(3, { head: 3 }),
      shows('a:1:sent', 'b:2:received', 'c:3:received'),
      quiesce()
    ]
  ],
  [
    'volatile, announced',
    [storage('volatile'), accept('a', 1, { volatile: true }), crash(), boot('dev1/tab2'), quiesce()]
  ],
  [
    'degraded, then works',
    [
      storage('durable'),
      { node: TAB, ev: 'fault', kind: 'quota' },
      storage('degraded'),
      accept('a', 1, { volatile: true }),
      { node: TAB, ev: 'fault', kind: 'storage works' },
      storage('durable'),
      commit('a', 1, 1),
      quiesce({ t: 9000 })
    ]
  ],
  [
    'logout throws away',
    [
      accept('a', 1, { who: 'A' }),
      state('a', 'queued', 'cancelled', { reason: 'signed out' }),
      ident('A', 'B'),
      shows(),
      quiesce()
    ]
  ],
  [
    'logout while it flies',
    [
      accept('a', 1, { who: 'A' }),
      out('a'),
      state('a', 'queued', 'cancelled', { reason: 'signed out' }),
      ident('A', 'B'),
      commit('a', 1, 1, { who: 'A' }),
      quiesce()
    ]
  ],
  [
    'logout flushes',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      ident('A', 'B'),
      accept('b', 1, { who: 'B', thread: 'u' }),
      commit('b', 1, 1, { who: 'B', thread: 'u' }),
      quiesce()
    ]
  ],
  [
    'anonymous to verified, number goes on',
    [
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      { ...ident('A', 'ada'), joined: 'ada' },
      accept('b', 2, { who: 'ada' }),
      commit('b', 2, 2, { who: 'ada' }),
      commit('a', 1, 1, { dup: true, who: 'ada' }),
      quiesce()
    ]
  ],
  [
    'anonymous to verified, waits meanwhile',
    [
      accept('a', 1, { who: 'A' }),
      { ...ident('A', 'ada'), joined: 'ada' },
      commit('a', 1, 1, { who: 'ada' }),
      { ...shows('a:1:sent'), who: 'ada' },
      quiesce()
    ]
  ],
  [
    'crash before accepting',
    [
      draft('typed', '#w'),
      state('a', 'saving', 'failed', { reason: 'x' }),
      crash(TAB, { t: 2000 }),
      boot('dev1/tab2'),
      draft('shown', '#w', at2),
      quiesce()
    ]
  ],
  [
    'crash before accepting, saving only',
    [
      draft('typed', '#w'),
      shows('a::saving'),
      crash(TAB, { t: 2000 }),
      boot('dev1/tab2'),
      draft('shown', '#w', at2),
      quiesce()
    ]
  ],
  [
    'session ends in between',
    [
      accept('a', 1),
      commit('a', 1, 1),
      { node: 'srv', ev: 'commit', cid: 'end', thread: 't', seq: 2, author: 'system', hash: '#end' },
      accept('b', 2),
      commit('b', 3, 2),
      quiesce()
    ]
  ],
  [
    'a suspended visitor',
    [
      accept('a', 1),
      commit('a', 1, 1, { seq: null, refused: 'account suspended' }),
      nack('a', 'account suspended'),
      state('a', 'queued', 'failed', { reason: 'account suspended' }),
      quiesce()
    ]
  ],
  [
    'void in place of a taken back one',
    [
      accept('a', 1),
      accept('b', 2),
      state('a', 'queued', 'cancelled', { reason: 'discarded' }),
      accept('v', 1, { op: 'void', hash: undefined }),
      commit('v', 1, 1, { seq: null, op: 'void', hash: undefined }),
      commit('b', 1, 2),
      quiesce()
    ]
  ],
  [
    'two devices',
    [
      sent('a', 1),
      accept('b', 1, { node: 'dev2/tab1', dev: 'dev2' }),
      commit('b', 2, 1, { dev: 'dev2' }),
      apply('a', 1, { node: 'dev2/tab1' }),
      apply('b', 2, { node: 'dev2/tab1' }),
      apply('b', 2),
      cursor(2),
      cursor(2, { node: 'dev2/tab1' }),
      quiesce()
    ]
  ],
  [
    'ack after event, event before commit of the next',
    [accept('a', 1), commit('a', 1, 1), apply('a', 1), cursor(1), ack('a', 1), shows('a:1:sent'), quiesce()]
  ],
  [
    'zombie is fenced',
    [
      lead(TAB, 1),
      { node: TAB, ev: 'fault', kind: 'freeze' },
      { ...lead('dev1/tab2', 2), t: 15000 },
      { node: TAB, ev: 'fault', kind: 'thaw', t: 40000 },
      lead(TAB, 1, 'fenced'),
      quiesce()
    ]
  ],
  [
    'history is trimmed',
    [
      sent('a', 1),
      reply('b', 2),
      apply('b', 2),
      cursor(2),
      { node: TAB, ev: 'forget', thread: 't', seq: 1 },
      cursor(2),
      quiesce()
    ]
  ],
  ['without quiesce', [accept('a', 1), fault('cut')]],
  ['leader dies', [lead(TAB, 1), crash(), lead('dev1/tab2', 2), quiesce({ t: 40_000 })]],
  [
    'frozen by an event of its own',
    [lead(TAB, 1), { node: TAB, ev: 'freeze' }, { ...lead('dev1/tab2', 2), t: 15_000 }, { ...shows(), t: 90_000 }]
  ],
  [
    'asked to begin anew',
    [
      accept('a', 1),
      accept('b', 2),
      nack('b', 'expected:1'),
      commit('a', 1, 1),
      commit('b', 2, 2),
      ack('a', 1),
      ack('b', 2),
      quiesce()
    ]
  ],
  ['a device with a name of its own', [accept('a', 1), commit('a', 1, 1, { dev: 'x81' }), quiesce()]],
  [
    'taken back in time twice',
    [
      boot('srv', { epoch: 'e1' }),
      accept('a', 1),
      commit('a', 1, 1),
      ack('a', 1),
      rollback(0),
      boot('srv', { epoch: 'e2' }),
      commit('a', 1, 1),
      ack('a', 1),
      rollback(0),
      boot('srv', { epoch: 'e3' }),
      commit('a', 1, 1),
      ack('a', 1),
      quiesce()
    ]
  ],
  [
    'two tabs of one thread',
    [
      accept('a', 1),
      accept('b', 2, at2),
      shows('a::queued', 'b::queued'),
      commit('a', 1, 1),
      commit('b', 2, 2),
      renders('dev1/tab2', 'a:1:sent', 'b::queued'),
      shows('a:1:sent', 'b:2:sent'),
      renders('dev1/tab2', 'a:1:sent', 'b:2:sent'),
      quiesce()
    ]
  ],
  [
    'an outbox that waits for its page',
    [
      storage('volatile'),
      accept('a', 1, { volatile: true }),
      commit('a', 1, 1),
      ack('a', 1),
      shows('a:1:sent'),
      crash(),
      quiesce()
    ]
  ],
  [
    'a page that begins with the newest, with a hole further above',
    [
      ...['a', 'b', 'c', 'd'].map((cid, at) => reply(cid, at + 1)),
      ...['c', 'd'].map((cid, at) => apply(cid, at + 3)),
      cursor(0, { head: 4, gaps: [{ from: 1, to: 2 }] }),
      { ...shows('d:4:received'), t: 30_000 }
    ]
  ],
  ['read by a tab that another one is ahead of', [sent('a', 1), sent('b', 2), read(2), read(1, { node: 'dev1/tab2' })]],
  ['read', [sent('a', 1), read(1), reply('b', 2), apply('b', 2), cursor(2), read(2), quiesce()]],
  [
    'edited and redacted',
    [
      sent('a', 1),
      edit('a', 1),
      apply('a', 1, { rev: 1, hash: '#a.1' }),
      words('a', '#a.1'),
      edit('a', 2, { redacted: true, hash: undefined }),
      apply('a', 1, { rev: 2, hash: undefined }),
      { node: TAB, ev: 'render', thread: 't', entries: [{ cid: 'a', seq: 1, state: 'redacted' }] },
      quiesce()
    ]
  ],
  ['hidden page is late', [accept('a', 1), { ...commit('a', 1, 1), t: 100_000 }, quiesce({ hidden: true })]],
  [
    'two seconds with two leaders',
    [lead(TAB, 1), { ...lead('dev1/tab2', 2), t: 20_000 }, { ...lead(TAB, 1, 'lose'), t: 21_000 }, quiesce()]
  ]
]

describe('a history made by hand', () => {
  it.each(BAD)('breaks %s: %s', (id, _, events) => {
    expect(check(history(...events)).map(({ id }) => id)).toContain(id)
  })
  it.each(GOOD)('breaks nothing: %s', (_, events) => {
    expect(check(history(...events))).toEqual([])
  })
})

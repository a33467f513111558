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
import { CHECKS, check } from './checker.ts'
import { fromText, type HistoryEvent, toText } from './history.ts'

const OTHER = { node: 'dev2/tab1', dev: 'dev2', thread: 'u' }
const THIRD = { node: 'dev3/tab1', dev: 'dev3', thread: 'v' }
const emptied = (t: number): Loose => ({ node: 'world', ev: 'wipe', dev: 'dev2', open: 1, t })
const works = (t: number): Loose => ({ ...OTHER, ev: 'fault', kind: 'storage works', t })

/** What was said in another browser, before its visitor signed in there, and the log was taken back to before that. */
const joinedElsewhere: readonly Loose[] = [
  accept('z', 1, { node: 'dev2/tab1', thread: 'u', who: 'A' }),
  commit('z', 1, 1, { dev: 'dev2', thread: 'u', who: 'A' }),
  { node: 'dev2/tab1', ev: 'ident', from: 'A', to: 'B', joined: 'ada' },
  rollback(1),
  boot('srv', { epoch: 'e2' })
]

/** For each promise a history that keeps it, and others that break it and nothing else. */
const CASES: Readonly<
  Record<string, { readonly good: readonly HistoryEvent[]; readonly bad: readonly (readonly HistoryEvent[])[] }>
> = {
  I0: {
    good: history(sent('a', 1), quiesce()),
    bad: [history(sent('a', 1), { node: 'srv', ev: 'error', what: 'feed', reason: 'it broke' }, quiesce())]
  },
  I1: {
    good: history(
      sent('a', 1),
      accept('b', 2),
      state('b', 'queued', 'failed', { reason: 'too-long' }),
      accept('c', 3, { volatile: true }),
      { node: TAB, ev: 'crash' },
      // A disk that is emptied, and takes nothing until the page dies.
      accept('d', 1, { ...OTHER, t: 20_000 }),
      emptied(20_000),
      works(20_400),
      { ...OTHER, ev: 'fault', kind: 'storage', error: 'full', t: 20_410 },
      { ...OTHER, ev: 'crash', t: 21_000 },
      quiesce({ t: 30_000 })
    ),
    bad: [
      history(accept('a', 1), quiesce()),
      // It works for long enough to put back what was there.
      history(
        accept('d', 1, { ...OTHER, t: 20_000 }),
        emptied(20_000),
        works(20_400),
        { ...OTHER, ev: 'fault', kind: 'storage', error: 'full', t: 23_000 },
        { ...OTHER, ev: 'crash', t: 23_100 },
        quiesce({ t: 30_000 })
      ),
      // Failed, but nobody says why.
      history(accept('a', 1), state('a', 'queued', 'failed'), quiesce()),
      // Only in memory, but the page lives.
      history(accept('a', 1, { volatile: true }), quiesce()),
      // Taken back in time before it was on the device's own disk, and not offered again.
      history(accept('a', 1), commit('a', 1, 1), rollback(0), boot('srv', { epoch: 'e2' }), quiesce()),
      // The composer was cleared, and nothing was stored.
      history(state('a', 'saving', 'queued'), quiesce())
    ]
  },
  I2: {
    good: history(sent('a', 1), reply('b', 2), shows('a:1:sent', 'b:2:received')),
    bad: [
      history(commit('a', 1, 1), accept('a', 1)),
      history(accept('a', 1), commit('a', 1, 1, { hash: '#other' })),
      history(sent('a', 1), shows('a:1:sent', 'x:2:received')),
      history(sent('a', 1), { ...shows('a:1:sent'), entries: [{ cid: 'a', seq: 1, state: 'sent', hash: '#other' }] }),
      history(accept('a', 1), commit('a', 1, 1, { thread: 'u' }))
    ]
  },
  I3: {
    good: history(
      accept('a', 1),
      commit('a', 1, 1),
      commit('a', 1, 1, { dup: true }),
      // A refusal does nothing, where another device has offered it.
      accept('b', 2),
      commit('b', 0, 1, { seq: null, device: 'dev1.2', refused: 'forbidden' }),
      commit('b', 2, 1, { device: 'dev1.3' })
    ),
    bad: [
      history(
        accept('a', 1, { op: 'end', hash: undefined }),
        commit('a', 0, 1, { seq: null, op: 'end', refused: 'forbidden' }),
        commit('a', 0, 2, { seq: null, op: 'end' })
      ),
      // Without a number of its own, as a command that puts nothing into the thread.
      history(
        accept('a', 1, { op: 'end', hash: undefined }),
        commit('a', 0, 1, { seq: null, op: 'end' }),
        commit('a', 0, 2, { seq: null, op: 'end' })
      )
    ]
  },
  I4: {
    good: history(sent('a', 1), sent('b', 2), shows('a:1:sent', 'b:2:sent')),
    bad: [
      history(accept('a', 1), commit('a', 1, 1), ack('a', 2)),
      history(accept('a', 1), commit('a', 1, 1), commit('a', 2, 1, { dup: true }))
    ]
  },
  I5: {
    good: history(sent('a', 1), shows('a:1:sent')),
    bad: [
      history(accept('a', 1), shows('a::queued', 'a::queued')),
      history(accept('a', 1), commit('a', 1, 1), shows('a:1:sent', 'a:1:sent'))
    ]
  },
  I6: {
    good: history(sent('a', 1), reply('b', 2), {
      node: 'srv',
      ev: 'log',
      thread: 't',
      entries: [
        { seq: 1, cid: 'a' },
        { seq: 2, cid: 'b' }
      ]
    }),
    bad: [
      history(accept('a', 1), commit('a', 2, 1)),
      history(accept('a', 1), commit('a', 1, 1), reply('b', 1)),
      history(sent('a', 1), { node: 'srv', ev: 'log', thread: 't', entries: [{ seq: 2, cid: 'a' }] })
    ]
  },
  I7: {
    good: history(accept('a', 1), accept('b', 2), commit('a', 1, 1), commit('b', 2, 2)),
    bad: [
      history(accept('a', 1), accept('b', 2), commit('b', 1, 2)),
      history(accept('a', 1), accept('b', 2), commit('b', 1, 1), commit('a', 2, 2))
    ]
  },
  I8: {
    good: history(sent('a', 1), accept('b', 2), accept('c', 3), shows('a:1:sent', 'b::queued', 'c::queued')),
    bad: [
      history(sent('a', 1), accept('b', 2), shows('b::queued', 'a:1:sent')),
      history(accept('a', 1), accept('b', 2), shows('b::queued', 'a::queued')),
      history(sent('a', 1), sent('b', 2), shows('b:2:sent', 'a:1:sent')),
      history(sent('a', 1), sent('b', 2), shows('a::sent', 'b::sent'), shows('b::sent', 'a::sent'))
    ]
  },
  I9: {
    good: history(
      sent('a', 1),
      reply('b', 2),
      reply('c', 3),
      reply('d', 4),
      apply('d', 4),
      cursor(1, { gaps: [{ from: 2, to: 3 }] }),
      apply('b', 2),
      apply('c', 3),
      cursor(4)
    ),
    bad: [
      history(accept('a', 1), commit('a', 1, 1), cursor(1), apply('a', 1)),
      history(sent('a', 1), reply('b', 2), apply('b', 2), cursor(2), cursor(1)),
      history(sent('a', 1), reply('b', 2), apply('b', 2), cursor(2, { gaps: [{ from: 2, to: 2 }] })),
      history(
        sent('a', 1),
        { node: TAB, ev: 'forget', thread: 't', seq: 1 },
        cursor(1),
        reply('b', 2),
        apply('b', 2),
        apply('a', 1),
        cursor(3)
      )
    ]
  },
  I10: {
    good: history(sent('a', 1), reply('b', 2), reply('c', 3), apply('c', 3), shows('a:1:sent', '…c:3:received')),
    bad: [history(sent('a', 1), reply('b', 2), reply('c', 3), apply('c', 3), shows('a:1:sent', 'c:3:received'))]
  },
  I11: {
    good: history(
      sent('a', 1),
      { node: 'srv', ev: 'crash' },
      { node: 'srv', ev: 'log', thread: 't', entries: [{ seq: 1, cid: 'a' }] }
    ),
    bad: [
      history(accept('a', 1), ack('a', 1), commit('a', 1, 1)),
      history(sent('a', 1), { node: 'srv', ev: 'crash' }, boot('srv'), {
        node: 'srv',
        ev: 'log',
        thread: 't',
        entries: []
      })
    ]
  },
  I12: {
    good: history(boot('srv', { epoch: 'e1' }), sent('a', 1), rollback(0), boot('srv', { epoch: 'e2' }), {
      node: 'srv',
      ev: 'resume',
      dev: 'dev1',
      epoch: 'e1',
      honoured: false
    }),
    bad: [
      history(boot('srv', { epoch: 'e1' }), rollback(0), boot('srv', { epoch: 'e1' })),
      history(boot('srv', { epoch: 'e1' }), rollback(0), boot('srv', { epoch: 'e2' }), {
        node: 'srv',
        ev: 'resume',
        dev: 'dev1',
        epoch: 'e1',
        honoured: true
      }),
      // What came after the log was taken back is counted as if it never had been.
      history(sent('a', 1), rollback(0), accept('b', 1), commit('b', 1, 1), apply('b', 1), cursor(1))
    ]
  },
  I13: {
    good: history(
      accept('a', 1),
      state('a', 'queued', 'failed', { reason: 'too-long' }),
      { node: TAB, ev: 'retry', cid: 'a' },
      state('a', 'failed', 'queued'),
      state('a', 'queued', 'sent'),
      state('a', 'sent', 'read')
    ),
    bad: [
      history(accept('a', 1), state('a', 'queued', 'sent'), state('a', 'sent', 'queued')),
      history(accept('a', 1), state('a', 'queued', 'sent'), state('a', 'sent', 'failed', { reason: 'x' })),
      history(accept('a', 1), state('a', 'queued', 'failed', { reason: 'x' }), state('a', 'failed', 'queued')),
      history(accept('a', 1), shows('a::delivered'), shows('a::sent'))
    ]
  },
  I14: {
    // Told of both times at which the log was taken back, one after the other.
    good: history(sent('a', 1), sent('b', 2), read(1), read(2), rollback(4), rollback(4), read(1), read(0)),
    bad: [
      history(sent('a', 1), sent('b', 2), read(2), read(1)),
      history(sent('a', 1), sent('b', 2), read(2), rollback(4), read(1), read(0)),
      history(sent('a', 1), read(2))
    ]
  },
  I15: {
    good: history(
      sent('a', 1),
      edit('a', 1),
      { ...apply('a', 1), rev: 1, hash: '#a.1' },
      showsWords('a', '#a.1'),
      quiesce()
    ),
    bad: [
      history(sent('a', 1), edit('a', 1), { ...apply('a', 1), rev: 1, hash: '#a.1' }, showsWords('a', '#a')),
      history(sent('a', 1), showsWords('a', '#a'), edit('a', 1), quiesce()),
      history(sent('a', 1), edit('a', 2), edit('a', 1)),
      history(
        sent('a', 1),
        { ...edit('a', 1), redacted: true },
        { ...apply('a', 1), rev: 1, hash: '#a.1' },
        showsWords('a', '#a')
      )
    ]
  },
  I16: {
    good: history(
      lead('dev1/tab1', 1),
      lead('dev1/tab1', 1, 'lose'),
      lead('dev1/tab2', 2),
      lead('dev1/tab1', 1, 'fenced'),
      quiesce()
    ),
    bad: [
      history(lead('dev1/tab1', 1), lead('dev1/tab1', 1, 'lose'), lead('dev1/tab2', 1)),
      history(lead('dev1/tab1', 1), lead('dev1/tab2', 2), quiesce()),
      history(lead('dev1/tab1', 1), lead('dev1/tab2', 2), accept('a', 1), commit('a', 1, 1, { term: 1 })),
      history(
        lead('dev1/tab1', 1),
        { ...lead('dev1/tab2', 2), t: 100 },
        { node: TAB, ev: 'fault', kind: 'cut', t: 30_000 }
      )
    ]
  },
  I17: {
    good: history(
      accept('a', 1, { who: 'A' }),
      commit('a', 1, 1, { who: 'A' }),
      shows('a:1:sent'),
      ident('A', 'B'),
      shows(),
      accept('b', 1, { who: 'B', thread: 'u' }),
      commit('b', 1, 1, { who: 'B', thread: 'u' }),
      { ...fault('nothing'), t: 10_000 },
      setsOut(),
      // Whoever took it along died as it set out: the page that was open goes on with it.
      apply('c', 1, { ...THIRD, who: 'D' })
    ),
    bad: [
      history(setsOut(), boot('dev3/tab2'), apply('c', 1, { ...THIRD, node: 'dev3/tab2', who: 'D' })),
      history(setsOut(), { ...ident('D', 'E'), ...THIRD, joined: 'ada' }, apply('c', 1, { ...THIRD, who: 'E' })),
      history(accept('a', 1, { who: 'A' }), commit('a', 1, 1, { who: 'B' })),
      history(accept('a', 1, { who: 'A' }), commit('a', 1, 1, { who: 'A' }), ident('A', 'B'), {
        ...shows('a:1:sent'),
        t: 5000
      }),
      history(accept('a', 1, { who: 'A' }), commit('a', 1, 1, { who: 'A' }), shows('a:1:sent'), ident('A', 'B'), {
        ...fault('nothing'),
        t: 10_000
      }),
      history(accept('a', 1, { who: 'A' }), { node: TAB, ev: 'reset', who: 'A' }, { ...shows('a::queued'), who: 'A' })
    ]
  },
  I18: {
    good: history(accept('a', 1), { node: 'srv', ev: 'nack', cid: 'a', reason: 'too-long' }),
    bad: [
      history(accept('a', 1), { node: 'srv', ev: 'nack', cid: 'a', reason: 'session-ended' }),
      history(accept('a', 1), state('a', 'queued', 'failed', { reason: 'the chat has ended' }))
    ]
  },
  I19: {
    good: history(
      accept('a', 1, { inbox: 'shop' }),
      accept('b', 2, { inbox: 'shop' }),
      accept('c', 1, { thread: 'u' })
    ),
    bad: [history(accept('a', 1, { inbox: 'shop' }), accept('b', 1, { inbox: 'shop', thread: 'u' }))]
  },
  I20: {
    good: history(
      { node: TAB, ev: 'storage', state: 'durable' },
      { node: TAB, ev: 'fault', kind: 'storage', error: 'full' },
      { node: TAB, ev: 'storage', state: 'degraded' },
      accept('a', 1, { volatile: true }),
      commit('a', 1, 1),
      quiesce({ t: 9000 })
    ),
    bad: [
      history(
        { node: TAB, ev: 'storage', state: 'durable' },
        { node: TAB, ev: 'fault', kind: 'storage', error: 'full' },
        { node: TAB, ev: 'storage', state: 'degraded', t: 4000 }
      ),
      history({ node: TAB, ev: 'storage', state: 'volatile' }, accept('a', 1), commit('a', 1, 1))
    ]
  },
  I21: {
    good: history(
      typed('#w'),
      { node: TAB, ev: 'crash', t: 1000 },
      boot('dev1/tab2'),
      draft('dev1/tab2', '#w'),
      // The disk is silent, and it is too early to say so.
      { ...fault('disk', { dev: 'dev1' }), t: 2000 },
      { ...draft('dev1/tab2', '#x'), what: 'typed', t: 2001 },
      { node: 'dev1/tab2', ev: 'crash', t: 4000 },
      draft('dev1/tab3', '#w'),
      // Frozen before it was stored, and not heard of again.
      { ...draft('dev1/tab3', '#y'), what: 'typed', t: 5000 },
      { node: 'dev1/tab3', ev: 'fault', kind: 'freeze', t: 5001 },
      { node: 'dev1/tab3', ev: 'crash', t: 9000 },
      draft('dev1/tab4', '#w')
    ),
    bad: [
      history(typed('#w'), { node: TAB, ev: 'crash', t: 1000 }, boot('dev1/tab2'), draft('dev1/tab2', undefined)),
      history(
        fault('disk', { dev: 'dev1' }),
        typed('#w'),
        { node: TAB, ev: 'crash', t: 4000 },
        boot('dev1/tab2'),
        draft('dev1/tab2', undefined)
      ),
      history(
        typed('#a'),
        accept('a', 1),
        { node: TAB, ev: 'crash', t: 1000 },
        boot('dev1/tab2'),
        draft('dev1/tab2', '#a')
      )
    ]
  },
  I22: {
    good: history(
      accept('a', 1),
      state('a', 'queued', 'failed', { reason: 'x' }),
      { node: TAB, ev: 'retry', cid: 'a' },
      commit('a', 1, 1)
    ),
    bad: [
      history(accept('a', 1), state('a', 'queued', 'failed', { reason: 'x' }), commit('a', 1, 1)),
      history(accept('a', 1), commit('a', 1, 1), state('a', 'queued', 'failed', { reason: 'x' })),
      history(accept('a', 1), state('a', 'queued', 'cancelled', { reason: 'discarded' }), commit('a', 1, 1)),
      history(
        { node: TAB, ev: 'wire', dir: 'out', frame: { t: 'send', cid: 'a' } },
        accept('a', 1),
        state('a', 'queued', 'failed', { reason: 'too-fast' })
      )
    ]
  },
  I23: {
    good: history(
      accept('a', 1),
      { ...fault('cut'), t: 1000 },
      { ...commit('a', 1, 1), t: 40_000 },
      quiesce({ outbox: { dev1: [] } })
    ),
    bad: [
      history(accept('a', 1), { ...fault('cut'), t: 1000 }, { ...commit('a', 1, 1), t: 47_000 }, quiesce()),
      history(accept('a', 1), commit('a', 1, 1), quiesce({ outbox: { dev1: ['a'] }, t: 60_000 }))
    ]
  },
  I24: {
    good: history(
      joinedElsewhere,
      cursor(0, { thread: 'u', who: 'ada' }),
      sent('a', 1),
      reply('b', 2),
      apply('b', 2),
      cursor(2),
      shows('a:1:sent', 'b:2:received'),
      quiesce({ tabs: [TAB] })
    ),
    bad: [
      history(sent('a', 1), reply('b', 2), quiesce()),
      history(sent('a', 1), reply('b', 2), apply('b', 2), cursor(2), shows('a:1:sent'), quiesce({ tabs: [TAB] })),
      history(sent('a', 1), reply('b', 2), apply('b', 2), cursor(2), quiesce(), renders('dev1/tab2', 'a:1:sent')),
      history(
        joinedElsewhere,
        { node: 'srv', ev: 'welcome', dev: 'dev2', epoch: 1 },
        cursor(0, { thread: 'u', who: 'ada' }),
        quiesce()
      )
    ]
  },
  I25: {
    good: history(
      Array.from({ length: 20 }, (_, i) => dial(i * 2000)),
      // Both have missed the one that led before.
      { ...lead('dev1/tab1', 1), t: 60_000 },
      { ...lead('dev1/tab2', 2), t: 60_020 }
    ),
    bad: [
      history(
        { ...fault('cut'), t: 0 },
        { ...lead('dev1/tab1', 1), t: 30_000 },
        { ...lead('dev1/tab2', 2), t: 30_020 },
        { ...lead('dev1/tab1', 3), t: 30_040 }
      ),
      history(Array.from({ length: 40 }, (_, i) => dial(i * 500))),
      history(
        { ...fault('cut'), t: 0 },
        { ...lead('dev1/tab1', 1), t: 30_000 },
        { ...lead('dev1/tab1', 1, 'lose'), t: 32_000 },
        { ...lead('dev1/tab2', 2), t: 33_000 }
      )
    ]
  },
  I26: {
    good: history(census(3), census(3), { node: TAB, ev: 'close', timers: 0 }),
    bad: [history(census(3), census(4)), history({ node: TAB, ev: 'close', timers: 1 })]
  }
}

/** What somebody wrote sets out to whoever signs in. */
function setsOut(): readonly Loose[] {
  return [
    boot(THIRD.node),
    accept('c', 1, { ...THIRD, who: 'C' }),
    commit('c', 1, 1, { dev: THIRD.dev, thread: THIRD.thread, who: 'C' }),
    { ...ident('C', 'D'), ...THIRD, joined: 'ada', begun: true }
  ]
}
function read(seq: number): Loose {
  return { node: TAB, ev: 'read', thread: 't', id: 'visitor', seq }
}
function edit(cid: string, rev: number): Loose {
  return { node: 'srv', ev: 'edit', cid, thread: 't', rev, hash: `#${cid}.${rev}` }
}
function showsWords(cid: string, hash: string): Loose {
  return { node: TAB, ev: 'render', thread: 't', entries: [{ cid, seq: 1, state: 'sent', hash }] }
}
function typed(hash: string): Loose {
  return { node: TAB, ev: 'draft', thread: 't', what: 'typed', hash }
}
function draft(node: string, hash: string | undefined): Loose {
  return { node, ev: 'draft', thread: 't', what: 'shown', ...(hash === undefined ? {} : { hash }) }
}
function dial(t: number): Loose {
  return { node: TAB, ev: 'wire', dir: 'dial', t }
}
function census(timers: number): Loose {
  return { node: TAB, ev: 'census', timers }
}

const brokenIn = (events: readonly HistoryEvent[]) => [...new Set(check(events).map(({ id }) => id))]

describe('the checker', () => {
  it('has cases for every promise', () => {
    expect(Object.keys(CASES)).toEqual(Object.keys(CHECKS))
  })

  describe.each(Object.entries(CASES))('%s', (id, { good, bad }) => {
    it('passes a history that keeps it', () => {
      expect(check(good)).toEqual([])
    })
    it.each(bad.map((events, i) => [i + 1, events] as const))(
      'alone catches history %i that breaks it',
      (_, events) => {
        expect(brokenIn(events)).toEqual([id])
      }
    )
  })

  it('names events that are there, and says in words what is wrong', () => {
    for (const { bad } of Object.values(CASES)) {
      for (const events of bad) {
        for (const violation of check(events)) {
          expect(violation.says).toMatch(/\w+ .+/)
          expect(violation.events.length).toBeGreaterThan(0)
          for (const i of violation.events) expect(events[i]?.i).toBe(i)
        }
      }
    }
  })
})

describe('a history as text', () => {
  it('comes back as it was', () => {
    const events = history(sent('a', 1), quiesce())
    expect(fromText(toText(events))).toEqual(JSON.parse(JSON.stringify(events)))
  })

  it('numbers events that have no number, and names a line that is not an event', () => {
    expect(fromText('{"node":"srv","ev":"boot"}\n\n{"node":"srv","ev":"crash"}\n').map(({ i }) => i)).toEqual([0, 1])
    expect(() => fromText('{"node":"srv","ev":"boot"}\nnonsense')).toThrow('line 2: expected one event as JSON')
    expect(() => fromText('{"node":"srv"}')).toThrow('line 1: expected an event with node and ev')
  })

  it('takes the line ends of other systems, and null for nothing', () => {
    expect(fromText('\ufeff{"node":"srv","ev":"boot","who":null}\r\n\r\n')).toEqual([
      { i: 0, t: 0, node: 'srv', ev: 'boot' }
    ])
  })

  it.each([
    ['', 'no event at all'],
    ['{"node":"srv","ev":"comit"}', 'line 1: expected ev to be one of boot, accept'],
    ['{"node":"srv","ev":"commit","thread":"t"}', 'line 1: expected commit with cid, a text'],
    [
      '{"node":"srv","ev":"commit","cid":"a","thread":"t","seq":"1"}',
      'line 1: expected commit with seq, a number or null'
    ],
    ['{"node":"a/b","ev":"render","thread":"t","entries":[null]}', 'line 1: expected render with entries, a list of'],
    ['{"node":"a/b","ev":"render","thread":"t"}', 'line 1: expected render with entries, a list of'],
    ['{"node":"a/b","ev":"cursor","thread":"t","contiguous":1,"gaps":[[1,2]]}', 'line 1: expected cursor with gaps'],
    ['{"node":"a/b","ev":"state","cid":"a","to":"snet"}', 'line 1: expected state with to, one of saving, queued'],
    ['{"node":"world","ev":"quiesce","outbox":{"dev1":2}}', 'line 1: expected quiesce with outbox'],
    ['{"node":"","ev":"boot"}', 'line 1: expected an event with node and ev'],
    ['{"node":"a/b","ev":"lead","what":7,"epoch":1}', 'line 1: expected lead with what, one of gain, lose'],
    ['{"node":"a/b","ev":"lead","what":"gain","epoch":"one"}', 'line 1: expected lead with epoch, a number'],
    ['{"node":"srv","ev":"welcome","dev":"a"}', 'line 1: expected welcome with epoch, a number'],
    ['{"node":"world","ev":"fault","kind":"rollback","to":"x"}', 'line 1: expected rollback with to, a number'],
    ['{"node":"a/b","ev":"wire","dir":"out","frame":5}', 'line 1: expected wire with frame, a text, or an object'],
    [
      '{"node":"a/b","ev":"wire","dir":"out","frame":{"events":[null]}}',
      'line 1: expected wire with frame, a text, or an object'
    ],
    [
      '{"i":1,"node":"srv","ev":"boot"}\n{"i":1,"node":"srv","ev":"crash"}',
      'line 2: expected i to be a whole number above 1'
    ],
    ['{"t":5,"node":"srv","ev":"boot"}\n{"t":4,"node":"srv","ev":"crash"}', 'line 2: expected t to be milliseconds']
  ])('says what is wrong with %s', (text, words) => {
    expect(() => fromText(text)).toThrow(words)
  })
})

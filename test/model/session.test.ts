import { expect, it } from 'vitest'
import { isLive, isRateable, mayBecome, type Session, type SessionState } from '../../src/model/session.ts'

const session = (state: SessionState, agent: Session['agent'] = null): Session => ({
  id: 's',
  threadId: 't',
  state,
  version: 1,
  ahead: null,
  wait: null,
  agent,
  reason: null,
  score: null
})

it('allows the moves of a live chat, and no others', () => {
  const states: readonly SessionState[] = ['queued', 'active', 'ended', 'rated']
  const moves = states.flatMap(from => states.filter(to => mayBecome(from, to)).map(to => `${from} → ${to}`))
  expect(moves).toEqual(['queued → active', 'queued → ended', 'active → queued', 'active → ended', 'ended → rated'])
})

it('is live while queued or active', () => {
  expect(
    [undefined, 'queued', 'active', 'ended', 'rated'].map(state =>
      isLive(state ? session(state as SessionState) : undefined)
    )
  ).toEqual([false, true, true, false, false])
})

it('can be rated once it ended, if somebody had joined', () => {
  const sam = { name: 'Sam', picture: '' }
  expect(isRateable(session('ended', sam))).toBe(true)
  expect(isRateable(session('ended'))).toBe(false)
  expect(isRateable(session('rated', sam))).toBe(false)
  expect(isRateable(session('active', sam))).toBe(false)
})

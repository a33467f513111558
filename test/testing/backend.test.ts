import { expect, it } from 'vitest'
import { createBackend } from '../../src/testing/backend.ts'

it('takes with a number of its own what had the number of another one', () => {
  const backend = createBackend()
  const say = (id: string, n: number) =>
    backend.accept('me', { id, n, type: 'message', threadId: 't', text: id, attachments: [] })
  say('a', 1)
  expect(say('b', 1)).toEqual({ refused: 'seq-reuse' })
  expect(say('b', 2)).toMatchObject({ position: 2 })
})

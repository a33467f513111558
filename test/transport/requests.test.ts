import { expect, it } from 'vitest'
import { polling } from '../../src/transport/polling.ts'

it('lets go of a request that nobody answers, though a last word may go on behind the end', async () => {
  const said: (AbortSignal | null | undefined)[] = []
  const silent = (signal: AbortSignal | null | undefined) =>
    new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  const answer = (body: unknown) =>
    Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body)))
  let polls = 0
  const ask = (url: string, init: RequestInit) => {
    if (url.endsWith('/say')) {
      said.push(init.signal)
      return silent(init.signal)
    }
    if (url.endsWith('/poll'))
      return polls++
        ? silent(init.signal)
        : answer({
            t: 'welcome',
            v: 1,
            heartbeat: 25_000,
            capabilities: { history: true, upload: false, typing: true, receipts: true, sessions: true }
          })
    return answer({ t: 'opened', connection: 'c', ticket: 't' })
  }
  const connection = await polling('https://chat.example/link', { fetch: ask as never, deadline: 200 }).connect({
    device: 'd',
    term: 1,
    token: undefined,
    credentials: undefined,
    cursor: undefined,
    signal: new AbortController().signal
  })
  connection.hint({ type: 'visit', url: 'https://shop.example/', title: 'Shop' })
  await expect(connection.incoming[Symbol.asyncIterator]().next()).rejects.toThrow()
  await new Promise(resolve => setTimeout(resolve, 1000))
  expect(said.map(signal => signal?.aborted)).toEqual([true])
})

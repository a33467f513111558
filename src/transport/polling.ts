import { connectOverHttp, type HttpOptions } from './http.ts'
import type { Transport } from './transport.ts'

/**
 * The reference protocol over requests alone: one waits at the server until there is something to say. It works where
 * pages do, and costs a request for each batch.
 *
 * @param url Address of the link, such as `https://chat.example/api/link`; paths of this site are understood as well.
 */
export function polling(url: string, options: HttpOptions = {}): Transport {
  return {
    name: 'polling',
    connect: request =>
      connectOverHttp(url, options, request, ({ hear, lost, post, signal }) => {
        const poll = async (connection: string) => {
          // Numbered, so that a request which the browser repeats by itself gets the same frames again.
          for (let n = 1; !signal.aborted; n++) {
            const answer = await post('/poll', JSON.stringify({ connection, n }))
            for (const frame of answer.split('\n')) hear(frame)
          }
        }
        return ({ connection }) => {
          poll(connection).catch(error => lost((error as Error).message))
        }
      })
  }
}

import type { Attachment } from '../model/message.ts'
import { errorFrom, TransportError } from './errors.ts'
import type { ConnectRequest, Upload } from './transport.ts'

/** How long nothing may move, in milliseconds. */
const SILENCE = 30_000

/** What the server answers instead of an attachment. */
type Refused = Parameters<typeof errorFrom>[0]

/**
 * Brings a file to the reference server, by a request beside whatever carries the frames. What it shows of this device
 * goes in the body, before the file: no secret is in an address.
 *
 * @param beside Address of the connection.
 */
export function upload(
  beside: string,
  { device, token }: ConnectRequest,
  { id, name, file, onProgress }: Upload,
  signal?: AbortSignal,
  ask?: typeof fetch
): Promise<Attachment> {
  const here = typeof location === 'undefined' ? undefined : location.href
  const url = new URL('files', new URL(beside, here).href.replace(/^ws/, 'http')).href
  // As plain text: with any other type of content the browser would first ask whether it may.
  const body = new Blob([`${JSON.stringify({ device, token, id, name })}\n`, file], { type: 'text/plain' })
  const isRequest = !ask && typeof XMLHttpRequest !== 'undefined'
  return (isRequest ? byRequest : byFetch)(url, body, onProgress, signal, ask).then(({ status, text }) => {
    let answer: Attachment | Refused | undefined
    try {
      answer = JSON.parse(text)
    } catch {
      // Something in between has answered.
    }
    if (answer && 'url' in answer) return answer
    if (answer?.code) throw errorFrom(answer)
    if (status === 413) throw new TransportError('rejected', 'too large for what stands before the server', tooLarge)
    throw new TransportError('offline', `the upload was answered with ${status}`)
  })
}

const tooLarge = { reason: 'file-size' }

interface Answer {
  readonly status: number
  readonly text: string
}

type Send = (
  url: string,
  body: Blob,
  onProgress: Upload['onProgress'],
  signal?: AbortSignal,
  ask?: typeof fetch
) => Promise<Answer>

/** Only this one tells how much has gone out. */
const byRequest: Send = (url, body, onProgress, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const request = new XMLHttpRequest()
    let silence: ReturnType<typeof setTimeout>
    const moves = () => {
      clearTimeout(silence)
      silence = setTimeout(() => request.abort(), SILENCE)
    }
    const stop = () => request.abort()
    signal?.addEventListener('abort', stop)
    request.upload.onprogress = ({ loaded, total }) => {
      moves()
      onProgress(total ? loaded / total : 0)
    }
    request.onloadend = () => {
      clearTimeout(silence)
      signal?.removeEventListener('abort', stop)
      if (signal?.aborted) reject(signal.reason)
      else if (request.status) resolve({ status: request.status, text: request.responseText })
      else reject(new TransportError('offline', 'the upload broke off'))
    }
    request.open('POST', url)
    request.send(body)
    moves()
  })

const byFetch: Send = async (url, body, onProgress, signal, ask = fetch) => {
  try {
    const response = await ask(url, { method: 'POST', body, signal: signal ?? null, credentials: 'omit' })
    onProgress(1)
    return { status: response.status, text: await response.text() }
  } catch (cause) {
    signal?.throwIfAborted()
    throw new TransportError('offline', 'the upload broke off', { cause })
  }
}

import type { IncomingMessage } from 'node:http'

const MOST = 16_384

/** Reads what a request brings; `undefined` if it is more than `most` bytes. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > most) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Reads a JSON object from a request; `undefined` if it is too large or is none. */
export async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body = await readBody(request, MOST)
  return body && parseJson(body.toString('utf8'))
}

/** The JSON object in a text; `undefined` if it is none. */
export function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    // Not JSON: the caller says what would have been right.
    return undefined
  }
}

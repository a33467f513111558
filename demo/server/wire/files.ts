import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** A file to send. */
export interface Served {
  readonly body: Buffer
  readonly type: string
  readonly etag: string
  /** Its name changes with its content. */
  readonly hashed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8'
}

/** `name-Ab3_x9Qz.js`, `1a2b3c4d/name.js`: what the build calls a file, or its folder, after its content. */
const HASHED = /(-[\w-]{6,}|\/[0-9a-f]{8}\/[\w-]+)\.\w+$/

/**
 * Reads a file of a folder by the path of a URL. `undefined` if there is none, if it is of a kind that is not served,
 * or if the path leads out of the folder, by whatever way.
 */
export async function readServed(folder: string, path: string): Promise<Served | undefined> {
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    // A broken escape names no file.
    return undefined
  }
  // Segments are plain names: no dots in front, no separators of other systems, nothing that ends a name early.
  const segments = name.split('/').filter(Boolean)
  if (segments.some(segment => segment.startsWith('.') || /[\\:\0]/.test(segment))) return undefined
  const type = TYPES[extname(name).toLowerCase()]
  if (!type) return undefined
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, ...segments))
    // A link may lead anywhere.
    if (!file.startsWith(root + sep)) return undefined
    if (!(await stat(file)).isFile()) return undefined
    const body = await readFile(file)
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    return { body, type, etag, hashed: HASHED.test(file.slice(root.length)) }
  } catch {
    // Not there, or not readable: for whoever asks it is the same.
    return undefined
  }
}

/** What visitors and agents may send, by the end of its name. Nothing that runs when it is opened. */
const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.heic': 'image/heic',
  '.avif': 'image/avif',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
  '.log': 'text/plain',
  '.doc': 'application/msword',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.xls': 'application/vnd.ms-excel',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.ods': 'application/vnd.oasis.opendocument.spreadsheet',
  '.zip': 'application/zip',
  '.mp3': 'audio/mpeg',
  '.m4a': 'audio/mp4',
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm'
}

export const fileTypes: readonly string[] = Object.keys(TYPES)

/** The type that the end of a name promises; `undefined`: not taken. */
export function typeOf(name: string): string | undefined {
  const end = /\.[^.]+$/.exec(name.toLowerCase())?.[0] ?? ''
  return Object.hasOwn(TYPES, end) ? TYPES[end] : undefined
}

/** Characters that steer a reader or a path, rather than name anything: controls, slashes, and marks of direction. */
const STEERING = /[\p{Cc}\p{Cf}\p{Cs}/\\:*?"<>|]+/gu

/** A name as it is shown and saved: without anything that leads out of a folder, or that turns `gpj.exe` around. */
export function safeName(name: string): string {
  const plain = name
    .replace(STEERING, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|\s+$/g, '')
  if (plain.length <= MOST) return plain || 'file'
  const end = /\.[^. ]{1,8}$/.exec(plain)?.[0] ?? ''
  // Not in the middle of a character.
  return [...plain].slice(0, MOST - end.length).join('') + end
}

const MOST = 120

/** What a picture is, as far as its first bytes tell. */
export interface Picture {
  readonly mime: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  /** In pixels, turned as it is to be shown. */
  readonly width: number
  readonly height: number
}

/**
 * A picture by its content, whatever its name says; `undefined`: it is none that all browsers show.
 *
 * @param bytes The file, or enough of its beginning.
 */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  const view = viewOf(bytes)
  const kind = kindOf(bytes)
  try {
    if (kind === 'png') return { mime: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
    if (kind === 'gif') return { mime: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
    if (kind === 'webp') return { mime: 'image/webp', ...sizeOfWebp(view) }
    if (kind !== 'jpeg') return undefined
    const segments = [...segmentsOf(bytes)]
    // Start of frame, in one of its thirteen forms.
    const frame = segments.find(
      ({ marker }) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    )
    if (!frame) return undefined
    const [height, width] = [view.getUint16(frame.start + 5), view.getUint16(frame.start + 7)]
    const isTurned = turnOf(bytes, segments) > 4
    return { mime: 'image/jpeg', width: isTurned ? height : width, height: isTurned ? width : height }
  } catch {
    // It ends before it says.
    return undefined
  }
}

/**
 * The same picture, to the last pixel, without what was written beside it: where and when and with what it was taken, who
 * edited it, a smaller picture of what was cut away. How a JPEG is to be turned stays. What is not understood comes back
 * as it is.
 */
export function withoutTraces(bytes: Uint8Array): Uint8Array {
  const kind = kindOf(bytes)
  try {
    if (kind === 'jpeg') return cleanJpeg(bytes)
    if (kind === 'png') return cleanPng(bytes)
    if (kind === 'webp') return cleanWebp(bytes)
  } catch {
    // Broken off in the middle: nobody can show it, and nobody reads what is in it.
  }
  return bytes
}

type Kind = 'png' | 'jpeg' | 'gif' | 'webp'

function kindOf(bytes: Uint8Array): Kind | undefined {
  const begins = letters(bytes, 0, 12)
  if (begins.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (begins.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (/^GIF8[79]a/.test(begins)) return 'gif'
  return /^RIFF[\s\S]{4}WEBP/.test(begins) ? 'webp' : undefined
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength)

const letters = (bytes: Uint8Array, from: number, length: number) =>
  String.fromCharCode(...bytes.subarray(from, from + length))

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** A part of a JPEG with its marker, from `start` up to `end`; marker 0: what the pixels are made of. */
interface Segment {
  readonly marker: number
  readonly start: number
  readonly end: number
}

const END = 0xd9

/** All parts up to the end of the picture: what lies behind it, such as a film, is another file. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  const view = viewOf(bytes)
  let at = 2
  while (at + 1 < bytes.length) {
    const marker = bytes[at + 1]!
    if (bytes[at] !== 0xff || marker === 0 || (marker >= 0xd0 && marker < END)) {
      const start = at
      // Within the pixels, 0xff is followed by zero or by a mark to start again from.
      while (at < bytes.length && !(bytes[at] === 0xff && /[^\0\xd0-\xd7\xff]/.test(letters(bytes, at + 1, 1)))) at++
      yield { marker: 0, start, end: at }
    } else if (marker === 0xff) at++
    else if (marker === END) return yield { marker, start: at, end: at + 2 }
    else {
      const end = at + 2 + view.getUint16(at + 2)
      yield { marker, start: at, end }
      at = end
    }
  }
}

function cleanJpeg(bytes: Uint8Array): Uint8Array {
  const segments = [...segmentsOf(bytes)]
  const turn = turnOf(bytes, segments)
  const kept = segments.filter(({ marker, start }) => {
    // Where pixels lie and what their colours are; the rest of these is about the picture, not of it.
    if (marker === 0xe0) return letters(bytes, start + 4, 5) === 'JFIF\0'
    if (marker === 0xe2) return letters(bytes, start + 4, 12) === 'ICC_PROFILE\0'
    return marker === 0xee || marker < 0xe0 || (marker > 0xef && marker !== 0xfe)
  })
  return joined([
    bytes.subarray(0, 2),
    ...(turn > 1 ? [turnOnly(turn)] : []),
    ...kept.map(({ start, end }) => bytes.subarray(start, end))
  ])
}

const EXIF = 'Exif\0\0'
/** The number under which Exif says how a picture is turned, from 1 (not at all) to 8. */
const TURN = 0x0112

function turnOf(bytes: Uint8Array, segments: readonly Segment[]): number {
  const exif = segments.find(({ marker, start }) => marker === 0xe1 && letters(bytes, start + 4, 6) === EXIF)
  if (!exif) return 1
  const view = viewOf(bytes.subarray(exif.start + 10, exif.end))
  const little = view.getUint16(0) === 0x4949
  const list = view.getUint32(4, little)
  for (let i = 0; i < view.getUint16(list, little); i++) {
    const entry = list + 2 + 12 * i
    if (view.getUint16(entry, little) === TURN) return view.getUint16(entry + 8, little)
  }
  return 1
}

/** Exif that says how the picture is turned, and nothing else. */
function turnOnly(turn: number): Uint8Array {
  const part = new Uint8Array(36)
  const view = viewOf(part)
  view.setUint32(0, 0xffe1_0022)
  for (const [i, letter] of [...EXIF].entries()) part[4 + i] = letter.charCodeAt(0)
  view.setUint32(10, 0x4d4d_002a)
  view.setUint32(14, 8)
  view.setUint16(18, 1)
  view.setUint16(20, TURN)
  view.setUint16(22, 3)
  view.setUint32(24, 1)
  view.setUint16(28, turn)
  return part
}

/** Chunks that say how pixels look; those that begin with a capital are needed in any case. */
const PIXELS = /^([A-Z]...|tRNS|gAMA|cHRM|sRGB|iCCP|cICP|sBIT|bKGD|pHYs|sPLT|acTL|fcTL|fdAT)$/

function cleanPng(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes)
  const kept = [bytes.subarray(0, 8)]
  for (let at = 8; at < bytes.length; ) {
    const name = letters(bytes, at + 4, 4)
    const end = at + 12 + view.getUint32(at)
    if (PIXELS.test(name)) kept.push(bytes.subarray(at, end))
    if (name === 'IEND') break
    at = end
  }
  return joined(kept)
}

function cleanWebp(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes)
  const kept = [bytes.subarray(0, 12)]
  const all = 8 + view.getUint32(4, true)
  for (let at = 12; at + 8 <= Math.min(all, bytes.length); ) {
    const size = view.getUint32(at + 4, true)
    const end = at + 8 + size + (size % 2)
    if (/^(VP8.|ALPH|ANIM|ANMF|ICCP)$/.test(letters(bytes, at, 4))) kept.push(bytes.subarray(at, end))
    at = end
  }
  const whole = joined(kept)
  viewOf(whole).setUint32(4, whole.length - 8, true)
  // It also says at its beginning that there is Exif and XMP.
  if (letters(whole, 12, 4) === 'VP8X') whole[20]! &= ~0b1100
  return whole
}

function sizeOfWebp(view: DataView): { readonly width: number; readonly height: number } {
  const form = String.fromCharCode(view.getUint8(15))
  if (form === 'X') {
    const whole = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1
    return { width: whole(24), height: whole(27) }
  }
  if (form === 'L') {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

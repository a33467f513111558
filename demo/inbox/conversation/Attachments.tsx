import { useState } from 'preact/hooks'
import type { Attachment } from '../../../src/model/message.ts'

/** The files of a message: pictures as pictures, everything else to be saved. */
export function Attachments({ list }: { readonly list: readonly Attachment[] }) {
  return (
    <ul class="message-files">
      {list.map(one => (
        <li key={one.id}>
          <One attachment={one} />
        </li>
      ))}
    </ul>
  )
}

function One({ attachment: { name, mime, size, url, width, height } }: { readonly attachment: Attachment }) {
  const [failed, fail] = useState(false)
  const href = addressOf(url)
  if (!href) return <bdi>{name}</bdi>
  if (width && height && mime.startsWith('image/') && !failed) {
    return (
      <a class="message-picture" href={href} target="_blank" rel="noopener noreferrer">
        <img src={href} alt={name} {...roomFor(width, height)} onError={() => fail(true)} />
      </a>
    )
  }
  return (
    <a class="message-file" href={href} download={name} target="_blank" rel="noopener noreferrer">
      <bdi>{name}</bdi> <small>{sizeOf(size)}</small>
    </a>
  )
}

/** Of our own server, or of another one over the web. */
function addressOf(url: string): string | undefined {
  const base = new URL('/api/', location.href)
  const address = URL.canParse(url, base) ? new URL(url, base) : undefined
  return address && /^https?:$/.test(address.protocol) ? address.href : undefined
}

function sizeOf(bytes: number): string {
  const step = bytes < 1024 ? 'byte' : bytes < 1_048_576 ? 'kilobyte' : 'megabyte'
  const value = bytes / { byte: 1, kilobyte: 1024, megabyte: 1_048_576 }[step]
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit: step,
    unitDisplay: step === 'byte' ? 'long' : 'short',
    maximumFractionDigits: 1
  }).format(value)
}

/** The longer side of a picture in a conversation, in pixels. */
const LONGEST = 320

/** Kept free before the picture is there. */
function roomFor(width: number, height: number) {
  const scale = Math.min(1, LONGEST / Math.max(width, height))
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}

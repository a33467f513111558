import type { Attachment } from '../../../model/message.ts'

/**
 * Where an attachment lies; `undefined` as long as that is not known, and for what no page should open.
 *
 * @param base What the connection says that addresses are relative to.
 */
export function addressOf({ url }: Attachment, base: string | undefined): string | undefined {
  if (!url) return undefined
  for (const from of base === undefined ? [undefined] : [undefined, base.replace(/^ws/, 'http')]) {
    try {
      const { href, protocol } = new URL(url, from && new URL(from, location.href))
      return /^(https?|blob):$/.test(protocol) ? href : undefined
    } catch {
      // Relative: the next one says to what.
    }
  }
  return undefined
}

/** Whether it is shown as what it is, rather than by its name. */
export const isPicture = ({ mime }: Pick<Attachment, 'mime'>): boolean => /^image\/(png|jpeg|gif|webp)$/.test(mime)

/** The longer side of a picture in a conversation, in pixels. */
const LONGEST = 280

/** As many pixels as a picture takes, in its own shape: known before it is there, so that nothing jumps. */
export function roomFor(width: number | undefined, height: number | undefined) {
  if (!width || !height) return {}
  const scale = Math.min(1, LONGEST / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

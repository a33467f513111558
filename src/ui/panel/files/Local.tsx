import { useLayoutEffect, useRef } from 'preact/hooks'

/** Sharp on a screen with two dots in a pixel, and no larger: a photo has fifty times as many. */
const WIDEST = 560

interface LocalProps {
  readonly blob: Blob
  readonly alt: string
  /** As it is to be shown, if that is known before it is read. */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** It is none that this browser can show. */
  onFail(): void
}

/**
 * A picture that is on this device only. Painted, not loaded: an address of it would need a page whose policy allows
 * `blob:`, and would have to be let go of.
 */
export function Local({ blob, alt, width, height, onFail }: LocalProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const room = width && height ? within(width, height) : {}

  useLayoutEffect(() => {
    let over = false
    const paint = async () => {
      const bitmap = await createImageBitmap(blob)
      const { current } = canvas
      if (!over && current) {
        const { width, height } = Object.assign(current, within(bitmap.width, bitmap.height))
        current.getContext('2d')!.drawImage(bitmap, 0, 0, width, height)
      }
      bitmap.close()
    }
    paint().catch(() => over || onFail())
    return () => {
      over = true
    }
  }, [blob])

  return <canvas ref={canvas} role="img" aria-label={alt} {...room} />
}

function within(width: number, height: number) {
  const scale = Math.min(1, WIDEST / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

import { useLayoutEffect, useRef } from 'preact/hooks'
import { roomFor } from './address.ts'

/** Dots in a pixel of the page: sharp on most screens, and far fewer than a photo has. */
const DOTS = 2

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

  useLayoutEffect(() => {
    let over = false
    /** Its room on the page, and in it as many dots as are seen. */
    const reserve = (from: number, to: number) => {
      const room = roomFor(from, to)
      Object.assign(canvas.current!, { width: room.width! * DOTS, height: room.height! * DOTS })
      Object.assign(canvas.current!.style, { width: `${room.width}px`, aspectRatio: `${from} / ${to}` })
    }
    if (width && height) reserve(width, height)
    const paint = async () => {
      const bitmap = await createImageBitmap(blob)
      const { current } = canvas
      if (!over && current) {
        reserve(bitmap.width, bitmap.height)
        current.getContext('2d')!.drawImage(bitmap, 0, 0, current.width, current.height)
      }
      bitmap.close()
    }
    paint().catch(() => over || onFail())
    return () => {
      over = true
    }
  }, [blob])

  return <canvas ref={canvas} role="img" aria-label={alt} />
}

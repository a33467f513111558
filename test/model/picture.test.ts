import { describe, expect, it } from 'vitest'
import { pictureOf, withoutTraces } from '../../src/model/picture.ts'
import { GIF, JPEG, LOSSLESS, PNG, TRACE, TRACED_PNG, TRACED_WEBP, tracedJpeg, WEBP } from '../support/pictures-of.ts'

const bytes = (buffer: Buffer) => new Uint8Array(buffer)
const clean = (buffer: Buffer) => Buffer.from(withoutTraces(bytes(buffer)))

describe('what a picture is', () => {
  it.each([
    ['PNG', PNG, 'image/png', 1, 1],
    ['JPEG', JPEG, 'image/jpeg', 4, 2],
    ['GIF', GIF, 'image/gif', 3, 2],
    ['WebP, lossy', WEBP, 'image/webp', 3, 2],
    ['WebP, lossless', LOSSLESS, 'image/webp', 3, 2],
    ['WebP, extended', TRACED_WEBP, 'image/webp', 3, 2]
  ])('is seen by its content: %s', (_, buffer, mime, width, height) => {
    expect(pictureOf(bytes(buffer))).toEqual({ mime, width, height })
  })

  it.each([
    ['a page', Buffer.from('<!doctype html>')],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['nothing', Buffer.alloc(0)],
    ['a sound in the same wrapping', Buffer.from('RIFF\0\0\0\0WAVEfmt ')]
  ])('is not seen in %s', (_, buffer) => {
    expect(pictureOf(bytes(buffer))).toBeUndefined()
  })

  it('is not guessed where it breaks off before it says', () => {
    for (const whole of [PNG, JPEG, GIF, WEBP]) {
      for (let length = 0; length < whole.length; length++) {
        const part = bytes(whole.subarray(0, length))
        const seen = pictureOf(part)
        if (seen) expect(seen).toEqual(pictureOf(bytes(whole)))
        expect(() => withoutTraces(part)).not.toThrow()
      }
    }
  })

  it.each(['II', 'MM'] as const)('is turned as a camera says, in either order of bytes: %s', order => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8].map(turn => pictureOf(bytes(tracedJpeg(turn, order))))
    expect(sizes.map(size => [size?.width, size?.height])).toEqual([
      ...Array.from({ length: 4 }, () => [4, 2]),
      ...Array.from({ length: 4 }, () => [2, 4])
    ])
  })
})

describe('what is written beside a picture', () => {
  it('is taken out of a JPEG, with the film behind it, and its pixels stay', () => {
    expect(clean(tracedJpeg(1))).toEqual(clean(JPEG))
    expect(clean(JPEG)).toEqual(JPEG)
  })

  it.each(['II', 'MM'] as const)('is all of it but how a JPEG is turned, once and again', order => {
    for (const turn of [2, 3, 4, 5, 6, 7, 8]) {
      const once = clean(tracedJpeg(turn, order))
      expect(once.includes(TRACE)).toBe(false)
      expect(pictureOf(bytes(once))).toEqual(pictureOf(bytes(tracedJpeg(turn))))
      expect(once.length).toBe(JPEG.length + 36)
      expect(clean(once)).toEqual(once)
    }
  })

  it('is taken out of a PNG, whose other bytes stay', () => {
    expect(clean(TRACED_PNG)).toEqual(PNG)
  })

  it('is taken out of a WebP, which does not say any more that it is there', () => {
    const once = clean(TRACED_WEBP)
    expect(once.includes(TRACE)).toBe(false)
    expect(once.readUInt32LE(4)).toBe(once.length - 8)
    expect(once[20]! & 0b1100).toBe(0)
    expect(pictureOf(bytes(once))).toEqual({ mime: 'image/webp', width: 3, height: 2 })
    expect(clean(WEBP)).toEqual(WEBP)
  })

  it('is left in what is no such picture', () => {
    for (const other of [GIF, Buffer.from(TRACE)]) expect(clean(other)).toEqual(other)
  })
})

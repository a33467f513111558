/** Small pictures, and what cameras and programs write beside the pixels of one. */

const from = (base64: string) => Buffer.from(base64, 'base64')

/** One pixel. */
export const PNG = from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
)
/** 4 by 2 pixels. */
export const JPEG = from(
  [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3Nw',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJD',
    'AAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBH',
    'AEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAA',
    'AADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBv',
    'AGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWG',
    'kJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk',
    'pKSkpKSkpKT/wAARCAACAAQDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAVEAEBAAAAAAAAAAAAAAAAAAAAMf/EABUB',
    'AQEAAAAAAAAAAAAAAAAAAAQF/8QAFhEAAwAAAAAAAAAAAAAAAAAAAAEx/9oADAMBAAIRAxEAPwCSQAF0rKH/2Q=='
  ].join('')
)
/** 3 by 2 pixels each: lossy and lossless. */
export const WEBP = from(
  [
    'UklGRiQCAABXRUJQVlA4WAoAAAAgAAAAAgAAAQAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3Nw',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJD',
    'AAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBH',
    'AEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAA',
    'AADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBv',
    'AGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDggNgAAALABAJ0BKgMAAgACwEwlqAJ0ugAEMAAA/us5/4yL9f+Slq7c+lrjQ/+aI4l1',
    '/kj7aut4u6gAAA=='
  ].join('')
)
export const LOSSLESS = from(
  [
    'UklGRgQCAABXRUJQVlA4WAoAAAAgAAAAAgAAAQAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3Nw',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJD',
    'AAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBH',
    'AEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAA',
    'AADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBv',
    'AGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDhMFQAAAC8CQAAADzAzw3wzzfmPNNzgIKL/IQA='
  ].join('')
)
/** 3 by 2 pixels. */
export const GIF = from('R0lGODlhAwACAIAAAAAAAP///yH5BAEAAAAALAAAAAADAAIAAAIDhG8FADs=')

/** Words of what must not go out with a picture. */
export const TRACE = 'GPS here'

/** Exif of a camera that was held upright: turned by a quarter, with a place. */
function exif(turn: number, order: 'II' | 'MM'): Buffer {
  const tiff = Buffer.alloc(60)
  const little = order === 'II'
  const short = (value: number, at: number) => (little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at))
  const long = (value: number, at: number) => (little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at))
  tiff.write(order, 0)
  short(42, 2)
  long(8, 4)
  short(2, 8)
  // A description, which lies behind the list; then how it is turned.
  short(0x010e, 10)
  short(2, 12)
  long(TRACE.length + 1, 14)
  long(40, 18)
  short(0x0112, 22)
  short(3, 24)
  long(1, 26)
  short(turn, 30)
  tiff.write(TRACE, 40)
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff])
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([head, content])
}

/** The same pixels with all that is written beside them, and a film behind the end. */
export const tracedJpeg = (turn: number, order: 'II' | 'MM' = 'MM'): Buffer =>
  Buffer.concat([
    JPEG.subarray(0, 2),
    segment(0xe1, exif(turn, order)),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x>${TRACE}</x>`)),
    segment(0xed, Buffer.from(`Photoshop 3.0\0${TRACE}`)),
    segment(0xe2, Buffer.from(`MPF\0${TRACE}`)),
    segment(0xfe, Buffer.from(TRACE)),
    JPEG.subarray(2),
    Buffer.from(`a film, ${TRACE}`)
  ])

function chunk(name: string, content: string): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(Buffer.byteLength(content), 0)
  head.write(name, 4)
  // Nobody checks the sum of a chunk that is taken out.
  return Buffer.concat([head, Buffer.from(content), Buffer.alloc(4)])
}

/** After the first chunk, which says how large it is. */
const AFTER_HEAD = 33

export const TRACED_PNG = Buffer.concat([
  PNG.subarray(0, AFTER_HEAD),
  chunk('tEXt', `Comment\0${TRACE}`),
  chunk('iTXt', TRACE),
  chunk('zTXt', TRACE),
  chunk('eXIf', TRACE),
  chunk('tIME', TRACE),
  chunk('prVt', TRACE),
  PNG.subarray(AFTER_HEAD),
  Buffer.from(TRACE)
])

function riff(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 0)
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}

/** In the extended form, which says that there is Exif and XMP. */
export const TRACED_WEBP = (() => {
  const extended = Buffer.alloc(10)
  extended[0] = 0b1100
  extended.writeUIntLE(2, 4, 3)
  extended.writeUIntLE(1, 7, 3)
  const inner = Buffer.concat([
    Buffer.from('WEBP'),
    riff('VP8X', extended),
    WEBP.subarray(12),
    riff('EXIF', Buffer.from(`${TRACE}.`)),
    riff('XMP ', Buffer.from(TRACE))
  ])
  return riff('RIFF', inner)
})()

/** A photo of 2 by 4 as it is shown, lying on its side in the file. */
export const JPEG_WITH_PLACE = tracedJpeg(6)

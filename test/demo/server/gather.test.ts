import { type AddressInfo, createServer, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { gatherWrites } from '../../../demo/server/gather.ts'

/** A socket that remembers in which pieces it was handed what. */
function socket() {
  const pieces: string[] = []
  const duplex = new Duplex({
    read() {},
    write(chunk, _, done) {
      pieces.push(String(chunk))
      done()
    },
    writev(chunks, done) {
      pieces.push(chunks.map(({ chunk }) => String(chunk)).join(''))
      done()
    }
  })
  return { pieces, duplex: gatherWrites(duplex) }
}

const turn = () => new Promise(setImmediate)

it('hands over in one piece what was written in one turn', async () => {
  const [one, other] = [socket(), socket()]
  one.duplex.write('a')
  other.duplex.write('x')
  await Promise.resolve()
  one.duplex.write('b')
  expect(one.pieces).toEqual([])
  await turn()
  expect([one.pieces, other.pieces]).toEqual([['ab'], ['x']])
  one.duplex.write('c')
  await turn()
  expect(one.pieces).toEqual(['ab', 'c'])
})

it('leaves alone what its writer holds together', async () => {
  const { pieces, duplex } = socket()
  duplex.cork()
  duplex.write('head')
  duplex.write('body')
  duplex.uncork()
  duplex.write('more')
  await turn()
  expect(pieces.join('')).toBe('headbodymore')
  expect(duplex.writableLength).toBe(0)
})

it('does not let much pile up', () => {
  const { pieces, duplex } = socket()
  for (let i = 0; i < 10; i++) duplex.write('x'.repeat(20_000))
  expect(pieces.length).toBeGreaterThan(1)
  expect(duplex.writableLength).toBeLessThan(100_000)
})

it('gives everything before the end', async () => {
  const { pieces, duplex } = socket()
  duplex.write('a')
  duplex.end('b')
  await new Promise(resolve => duplex.once('finish', resolve))
  await turn()
  expect(pieces.join('')).toBe('ab')
})

it('does the same to a socket that is not connected yet', async () => {
  const server = createServer(socket => socket.resume()).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const given = gatherWrites(new Socket())
  try {
    given.connect((server.address() as AddressInfo).port, '127.0.0.1')
    await new Promise(resolve => given.once('connect', resolve))
    given.write('a')
    await Promise.resolve()
    given.write('b')
    expect(given.writableCorked).toBe(1)
    await turn()
    expect([given.writableCorked, given.bytesWritten]).toEqual([0, 2])
  } finally {
    given.destroy()
    server.close()
  }
})

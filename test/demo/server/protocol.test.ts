import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { agentClientFrameShape } from '../../../demo/server/wire/agent-frames.ts'
import { copyShape } from '../../../demo/server/wire/copies.ts'
import { pollShape, sayShape } from '../../../demo/server/wire/link.ts'
import { uploadShape } from '../../../demo/server/wire/uploads.ts'
import { attachmentShape, clientFrameShape, LIMITS } from '../../../src/transport/frames.ts'
import { readServerFrame } from '../../../src/transport/server-frames.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const page = read('src/transport/PROTOCOL.md')
const visitors = read('src/transport/frames.ts')
const agents = read('demo/server/wire/agent-frames.ts')
const events = read('src/model/event.ts')

const all = (source: string, pattern: RegExp) => [...new Set([...source.matchAll(pattern)].map(match => match[1]!))]
const part = (source: string, from: string, to: string) =>
  source.slice(source.indexOf(from), source.indexOf(to, source.indexOf(from)))
const missing = (words: readonly string[], text = page) => words.filter(word => !text.includes(`\`${word}\``))

describe('PROTOCOL.md', () => {
  const half = page.indexOf('## The inbox')

  it.each([
    ['visitors', visitors, page.slice(0, half)],
    ['agents', agents, page.slice(half)]
  ])('explains every frame of the %s', (_, source, text) => {
    const frames = all(source, /readonly t: '(\w+)'/g)
    expect(frames.length).toBeGreaterThan(8)
    expect(missing(frames, text)).toEqual([])
  })

  it('explains every member of every frame', () => {
    const types = [
      part(visitors, 'export type ClientFrame', 'export type FrameErrorCode'),
      part(agents, 'export type Presence', 'const id =')
    ]
    expect(missing(all(types.join('\n'), /readonly (\w+)\??:/g))).toEqual([])
  })

  it('explains every event, command, hint and code', () => {
    const words = [
      ...all(events, /type: '([\w-]+)'/g),
      ...all(read('src/model/command.ts'), /type: '([\w-]+)'/g),
      ...all(agents, /type: '([\w-]+)'/g),
      ...all(part(visitors, 'export type FrameErrorCode', '\n\n'), /\| '([\w-]+)'/g),
      ...all(part(read('src/model/message.ts'), 'export type NoticeCode', '\n\n'), /\| '([\w-]+)'/g),
      ...all(part(read('src/transport/errors.ts'), 'const RETRY', '} as const'), /^ {2}(\w+):/gm)
    ]
    expect(words.length).toBeGreaterThan(40)
    expect(missing(words)).toEqual([])
  })

  it('explains every reason that the server gives', () => {
    const files = ['accept', 'agent-deeds', 'deeds', 'refusal'].map(name =>
      read(`demo/server/conversations/${name}.ts`)
    )
    const sockets = ['visitors', 'inbox', 'commands', 'uploads', 'copies'].map(name =>
      read(`demo/server/wire/${name}.ts`)
    )
    const mail = read('demo/server/mail/copies.ts')
    const reasons = [
      ...all(mail, /refuse\(\s*'([\w-]+)'/g),
      ...all(files.join('\n'), /refuse\(\s*'([\w-]+)'/g),
      ...all(files.join('\n'), /refused\('\w+', '([\w-]+)'/g),
      ...all([...files, ...sockets].join('\n'), /reason: (?:\w+ \? )?'([\w-]+)'/g)
    ]
    expect(reasons).toEqual(
      expect.arrayContaining(['empty', 'taken', 'seq-reuse', 'too-fast', 'too-long', 'not-rateable'])
    )
    expect(reasons.filter(reason => !page.includes(`| \`${reason}\` |`))).toEqual([])
  })

  it.each(Object.entries(LIMITS))('says that the limit %s is %i', (name, limit) => {
    expect(page.includes(`| \`${name}\` | ${limit} |`)).toBe(true)
  })

  const examples = [...page.matchAll(/^```json (\S+)\n([\s\S]*?)^```/gm)].flatMap(([, who, block]) =>
    block!
      .trim()
      .split('\n')
      .map(raw => ({ who: who!, raw, title: raw.slice(0, 60) }))
  )

  it('has examples of all of them', () => {
    const all = ['client', 'server', 'poll', 'say', 'agent', 'to-agent', 'upload', 'attachment', 'copy']
    expect(new Set(examples.map(({ who }) => who))).toEqual(new Set(all))
  })

  it.each(examples)('has a right example: $title', ({ who, raw }) => {
    const frame: unknown = JSON.parse(raw)
    if (who === 'client') expect(clientFrameShape(frame, '')).toBeUndefined()
    if (who === 'poll') expect(pollShape(frame, '')).toBeUndefined()
    if (who === 'say') expect(sayShape(frame, '')).toBeUndefined()
    if (who === 'upload') expect(uploadShape(frame, '')).toBeUndefined()
    if (who === 'copy') expect(copyShape(frame, '')).toBeUndefined()
    if (who === 'attachment') expect(attachmentShape(frame, '')).toBeUndefined()
    if (who === 'agent') expect(agentClientFrameShape(frame, '')).toBeUndefined()
    if (who === 'server') expect(readServerFrame(raw)).toEqual(frame)
    if (who === 'to-agent') expect(page.slice(half)).toContain(`\`${(frame as { t: string }).t}\``)
  })
})

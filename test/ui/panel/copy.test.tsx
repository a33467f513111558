// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { copyOf } from '../../../src/ui/panel/copy/copy.ts'
import { createTimes } from '../../../src/ui/panel/times.ts'
import { createWords } from '../../../src/ui/panel/words.ts'
import { en } from '../../../src/ui/strings/en.ts'
import { enEarlier } from '../../../src/ui/strings/en-earlier.ts'
import { enLive } from '../../../src/ui/strings/en-live.ts'
import { enRich } from '../../../src/ui/strings/en-rich.ts'
import { type FakeChat, fakeChat } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

const words = createWords('en', { ...en, ...enEarlier, ...enLive, ...enRich })
const options = { title: 'Fernhill <Lamps>', words, times: createTimes(words) }
const NASTY = `<script>alert(1)</script> & "quotes" </script><!-- ' javascript:x`

let chat: FakeChat
beforeEach(() => {
  chat = fakeChat()
})

const parsed = (html: string) => new DOMParser().parseFromString(html, 'text/html')

describe('a copy', () => {
  it('has every message of every conversation, for people and for machines', async () => {
    chat.put('a', { text: 'Hello', at: Date.UTC(2024, 4, 1, 10) })
    chat.put('a', { author: 'visitor', text: 'Hi', at: Date.UTC(2024, 4, 2, 10), delivery: 'failed' })
    chat.put('b', { notice: 'joined', name: 'Mara' })
    const { json, html } = await copyOf(chat, options)
    const { format, version, threads } = JSON.parse(json)
    expect([format, version, threads.length]).toEqual(['porchlight-copy', 1, 2])
    const a = threads.find(({ id }: { id: string }) => id === 'a')
    expect(a).toMatchObject({ complete: true, messages: [{ text: 'Hello' }, { text: 'Hi', delivery: 'failed' }] })
    const document = parsed(html)
    expect([...document.querySelectorAll('article')].map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/^Mara Lind .+Hello$/s),
      expect.stringMatching(/^You .+Hi$/s)
    ])
    expect(document.querySelectorAll('h2').length).toBeGreaterThanOrEqual(2)
    expect(document.querySelector('.notice')?.textContent).toBe('Mara joined')
    expect(JSON.parse(document.getElementById('data')!.textContent!)).toEqual(JSON.parse(json))
  })

  it('holds the files, and only the names of those that cannot be had', async () => {
    const known = { mime: 'image/png', size: 3, width: 1, height: 1 }
    const nasty = { ...known, id: 'n', name: NASTY, url: 'https://chat.example/files/n', mime: 'text/html' }
    const attachments = [{ ...known, id: 'p', name: 'porch.png', url: 'https://chat.example/files/p' }, nasty]
    chat.put('a', { text: 'Look', attachments })
    chat.put('b', { attachments: [{ ...known, id: 'g', name: 'gone.png', url: 'https://chat.example/files/gone' }] })
    vi.spyOn(globalThis, 'fetch').mockImplementation(async address =>
      String(address).endsWith('gone') ? new Response('', { status: 404 }) : new Response(new Blob(['abc']))
    )
    const document = parsed((await copyOf(chat, options)).html)
    expect(document.querySelector('img')?.getAttribute('src')).toBe(`data:image/png;base64,${btoa('abc')}`)
    const links = [...document.querySelectorAll('a')]
    expect(links.map(link => link.getAttribute('download'))).toEqual(['porch.png', NASTY])
    expect(links[1]!.getAttribute('href')).toMatch(/^data:application\/octet-stream;base64,/)
    const bare = [...document.querySelectorAll('.file')].filter(file => !file.querySelector('a'))
    expect(bare.map(({ textContent }) => textContent)).toEqual(['gone.png'])
    expect(document.querySelectorAll('script')).toHaveLength(1)
  })

  it('is text and nothing else, whatever was written', async () => {
    chat.put('a', { text: NASTY, by: { name: NASTY, picture: 'https://a.example/track.gif' } })
    const { html } = await copyOf(chat, options)
    const document = parsed(html)
    expect(document.querySelector('article')?.textContent).toContain(NASTY)
    expect(document.title).toBe('Fernhill <Lamps>')
    expect(document.querySelectorAll('script')).toHaveLength(1)
    expect(document.querySelectorAll('img, a, iframe, link, [src], [href], [onerror]')).toHaveLength(0)
  })

  it('shows marks as the widget does, and the visitor’s own words as they were written', async () => {
    chat.put('a', { text: '**Bring** it by, see https://shop.example/a\n\n![x](https://spy.example/x.gif)' })
    chat.put('a', { author: 'visitor', text: '**not** this' })
    const document = parsed((await copyOf(chat, options)).html)
    const [theirs, own] = document.querySelectorAll('.said')
    expect(theirs!.querySelector('strong')?.textContent).toBe('Bring')
    expect(theirs!.querySelector('a')?.getAttribute('href')).toBe('https://shop.example/a')
    expect(own!.textContent).toBe('**not** this')
    expect(document.querySelectorAll('img')).toHaveLength(0)
  })

  it('fetches what this device does not have', async () => {
    chat.put('a', { text: 'newest' })
    let pages = 2
    const show = (more: boolean) => chat.$messages.set({ a: { entries: chat.$messages.get().a!.entries, more } })
    show(true)
    chat.onOlder = async () => {
      chat.put('a', { text: `page ${pages}` })
      pages--
      show(pages > 0)
    }
    const counts: number[] = []
    const { json } = await copyOf(chat, { ...options, onProgress: count => counts.push(count) })
    expect(JSON.parse(json).threads[0]).toMatchObject({ complete: true, messages: { length: 3 } })
    expect(counts).toEqual([1, 2, 3])
  })

  it('says what it lacks when nothing more comes', async () => {
    chat.put('a', { text: 'newest', gap: true })
    chat.onOlder = () => Promise.reject(new Error('offline'))
    const { json, html } = await copyOf(chat, options)
    expect(JSON.parse(json).threads[0].complete).toBe(false)
    expect(parsed(html).querySelector('.notice')?.textContent).toContain('Only a part of this conversation')
  })

  it('can be of one conversation', async () => {
    chat.put('a', { text: 'one' })
    chat.put('b', { text: 'two' })
    const { json } = await copyOf(chat, { ...options, threads: ['b'] })
    expect(JSON.parse(json).threads.map(({ id }: { id: string }) => id)).toEqual(['b'])
  })
})

describe('saving it', () => {
  let shown: ShownPanel | undefined
  afterEach(() => shown?.panel.dispose())

  it('offers a file with the name of the site and of the day', async () => {
    chat.put('a', { text: 'Hello' })
    const saved: { name: string; text: Promise<string> }[] = []
    let blob: Blob | undefined
    vi.spyOn(URL, 'createObjectURL').mockImplementation(given => {
      blob = given as Blob
      return 'blob:copy'
    })
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push({ name: this.download, text: blob!.text() })
    })
    shown = await showPanel(chat, { title: 'Fernhill: Lamps/Co' })
    await settle()
    await perform(() => fireEvent.click(shown!.see.getByRole('button', { name: 'Save a copy of your conversations' })))
    await vi.waitFor(() => expect(saved).toHaveLength(1))
    expect(saved[0]?.name).toMatch(/^Fernhill Lamps Co \d{4}-\d\d-\d\d\.html$/)
    expect(await saved[0]?.text).toContain('Hello')
    await settle()
    expect(shown.see.getByRole('button', { name: 'Save a copy of your conversations' })).toBeTruthy()
  })
})

describe('deleting everything', () => {
  let shown: ShownPanel
  afterEach(() => shown.panel.dispose())
  const press = async (name: string) => {
    await perform(() => shown.see.getByRole('button', { name }).click())
    await settle()
  }

  it('is asked twice, empties backend and device, and ends with a receipt', async () => {
    chat.put('a', { text: 'Hello' })
    shown = await showPanel(chat)
    await settle()
    await press('Delete everything')
    expect(shown.root.activeElement?.textContent).toBe('Keep them')
    await press('Keep them')
    await press('Delete everything')
    expect(chat.calls).not.toContain('erase')
    await press('Delete everything')
    expect(chat.calls.slice(-2)).toEqual(['erase', 'reset'])
    expect(shown.see.getByText(/Your receipt: receipt-1/)).toBeTruthy()
    await press('Done')
    expect(shown.see.queryByText(/Your receipt/)).toBeNull()
  })

  it('tells when the backend did not do it, and keeps what is here', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    chat.erase = () => Promise.reject(new Error('the backend does not erase'))
    chat.put('a', { text: 'Hello' })
    shown = await showPanel(chat)
    await settle()
    await press('Delete everything')
    await press('Delete everything')
    expect(shown.alerts).toContain('Nothing was deleted. Please try again.')
    expect(chat.calls).not.toContain('reset')
  })
})

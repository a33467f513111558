/** In the page: a widget over a thread of any length, and how long things take there. */
import { type Chat, createChat, idb, stillTabs } from '../../../src/index.ts'
import { createBackend, memoryTransport } from '../../../src/testing/index.ts'
import { mount } from '../../../src/widget.ts'

declare const slowDown: () => Promise<void>

const THREAD = 'long'
const TIMES = 20

/** Milliseconds, but for the rows. */
export interface Times {
  /** From the call that opens the panel until messages are painted. */
  readonly open: number
  /** From the arrival of a message until it is laid out, with the newest page loaded. */
  readonly append: number
  /** The same with every message of the thread loaded. */
  readonly appendToAll: number
  /** From a letter typed until it is laid out, with every message loaded. */
  readonly type: number
  /** Messages in the document, with every message loaded. */
  readonly rows: number
}

/** @param slowDown Called when what is measured begins: all before it is only there to fill the database. */
async function measure(length: number, slowDown: () => Promise<void>): Promise<Times> {
  const backend = createBackend()
  const wire = memoryTransport({ backend })
  let device = ''
  const transport: typeof wire = {
    ...wire,
    connect(request) {
      if (!device) for (let n = 1; n <= length; n++) backend.say(request.device, THREAD, wordsOf(n), authorOf(n))
      device = request.device
      return wire.connect(request)
    }
  }
  const start = () => createChat({ app: 'long', transport, storage: idb(`long-${length}`), tabs: stillTabs()() })

  // Once before, so that all of it is stored here, and the code is there.
  const before = await start()
  const first = mount(before)
  first.open(THREAD)
  await until(() => list()?.querySelector('article'))
  await loadAll(before)
  await toBottom(length)
  first.destroy()
  before.close()

  await slowDown()
  const chat = await start()
  const widget = mount(chat)
  const begun = performance.now()
  widget.open(THREAD)
  await until(() => list()?.querySelector('article'))
  await painted()
  const open = performance.now() - begun

  const append = () =>
    median(async n => {
      const text = `This is new, number ${n} of ${performance.now()}`
      backend.say(device, THREAD, text)
      await until(() => list()!.textContent!.includes(text))
      list()!.getBoundingClientRect()
    })
  await toBottom(length)
  const appended = await append()
  await loadAll(chat)
  const appendToAll = await append()
  const field = root()!.querySelector('textarea')!
  const type = await median(async n => {
    field.value += `letter ${n} `
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await undefined
    field.getBoundingClientRect()
  })
  const rows = list()!.querySelectorAll('article').length
  widget.destroy()
  chat.close()
  return { open, append: appended, appendToAll, type, rows }
}

const wordsOf = (n: number) => `Message ${n}. ${'The lamp on the porch is on. '.repeat(1 + (n % 7))}`
const authorOf = (n: number) => (n % 3 ? 'agent' : 'bot')
const root = () => document.querySelector('porchlight-chat')?.shadowRoot
const list = () => root()?.querySelector<HTMLElement>('.list')

/** As who has read all of it. */
async function toBottom(length: number): Promise<void> {
  root()!.querySelector<HTMLElement>('.jump')?.click()
  await until(() => list()!.textContent!.includes(`Message ${length}.`))
  await painted()
}

async function loadAll(chat: Chat): Promise<void> {
  await chat.load(THREAD)
  while (chat.$messages.get()[THREAD]?.more) await chat.older(THREAD)
}

async function median(work: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < TIMES; n++) {
    await painted()
    const begun = performance.now()
    await work(n)
    times.push(performance.now() - begun)
  }
  return times.sort((a, b) => a - b)[TIMES / 2]!
}

const painted = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))

/** Looks after every change of the page, so that nothing is waited for longer than it takes. */
function until(check: () => unknown): Promise<void> {
  return new Promise(resolve => {
    const look = () => {
      if (!check()) return
      resolve()
      clearInterval(timer)
      observer.disconnect()
    }
    const observer = new MutationObserver(look)
    const watched = root()
    if (watched) observer.observe(watched, { subtree: true, childList: true, characterData: true })
    const timer = setInterval(look, 4)
    look()
  })
}

Object.assign(globalThis, { measure: (length: number) => measure(length, slowDown) })

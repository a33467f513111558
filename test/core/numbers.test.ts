import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Chat } from '../../src/core/chat.ts'
import { countingOn } from '../../src/core/numbers.ts'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import { tally } from '../../src/core/tally.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import { type ScenarioStep, scenario } from '../../src/testing/index.ts'

const START = Date.UTC(2026, 4, 5, 9, 30)
const open: Chat[] = []
beforeEach(async () => {
  await Promise.all([import('../../src/core/inbox.ts'), import('../../src/core/sending.ts')])
  vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
})
afterEach(() => {
  for (const chat of open.splice(0)) chat.close()
  vi.useRealTimers()
})

async function chatOver(script: readonly ScenarioStep[], tabs = stillTabs(), storage = memory()) {
  const standby = await startStandby({
    options: { app: 'numbers', transport: scenario(script, { start: START }) },
    storage: { ...storage, close() {} },
    page: stillPage(),
    tabs: tabs()
  })
  const whole = talk(standby)
  const chat = { ...whole, on: countingOn(whole.on, async () => standby.wires) }
  open.push(chat)
  return chat
}

/** What is fetched when it is needed comes in real time. */
async function settled() {
  for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate)
}

/** So many milliseconds go by, a second at a time. */
async function pass(length: number) {
  for (let passed = 0; passed < length; passed += 1000) {
    await settled()
    await vi.advanceTimersByTimeAsync(1000)
  }
  await settled()
}

it('counts a scripted day exactly: first responses, waits, who left, who was glad', async () => {
  const chat = await chatOver([
    { do: 'availability', open: true },
    { do: 'await', what: 'message' },
    { do: 'wait', for: 30_000 },
    { do: 'say', text: 'The assistant does not count.', author: 'bot' },
    { do: 'wait', for: 60_000 },
    { do: 'say', text: 'Good morning.' },
    { do: 'say', text: 'How can I help?' },
    { do: 'await', what: 'start' },
    { do: 'session', state: 'queued', ahead: 0 },
    { do: 'wait', for: 45_000 },
    { do: 'session', state: 'active', agent: 'Mara Lind' },
    { do: 'wait', for: 120_000 },
    { do: 'session', state: 'ended', reason: 'agent' },
    { do: 'await', what: 'rate' },
    { do: 'session', state: 'rated', score: 5 },
    { do: 'await', what: 'start' },
    { do: 'session', state: 'queued', ahead: 4 },
    { do: 'wait', for: 20_000 },
    { do: 'session', state: 'ended', reason: 'visitor-away' },
    { do: 'await', what: 'start' },
    { do: 'session', state: 'queued', ahead: 2 },
    { do: 'wait', for: 90_000 },
    { do: 'session', state: 'ended', reason: 'unanswered' }
  ])
  const numbers = tally(chat)
  const heard: string[] = []
  for (const name of ['abandoned', 'converted', 'ended', 'answered', 'waited'] as const)
    chat.on(name, event => heard.push(`${name} ${'ms' in event ? event.ms : event.reason}`))
  const unwatch = chat.watch()
  await pass(1000)

  await chat.send('first', { text: 'Is anybody home?' })
  await pass(91_000)
  await chat.start('first')
  await pass(200_000)
  await chat.rate('first', 5)
  await pass(5000)
  await chat.start('first')
  await pass(30_000)
  await chat.start('first')
  await pass(100_000)
  unwatch()

  expect(numbers.get()).toEqual({
    opened: 1,
    sent: 1,
    received: 3,
    firstResponse: { count: 1, median: 90_000, longest: 90_000 },
    response: { count: 1, median: 90_000, longest: 90_000 },
    wait: { count: 1, median: 45_000, longest: 45_000 },
    abandoned: 1,
    abandonment: 0.5,
    converted: 2,
    ended: 1,
    ratings: 1,
    satisfaction: 1
  })
  expect(heard).toEqual([
    'answered 90000',
    'waited 45000',
    'ended 120000',
    'abandoned 20000',
    'converted visitor-away',
    'converted unanswered'
  ])
  numbers.close()
})

it('tells every listener, also after one that throws, and none that has stopped', async () => {
  const chat = await chatOver([{ do: 'availability', open: true }])
  const heard: string[] = []
  const said = vi.fn()
  // The page's own handling of errors hears of it; here that is the runner's, which would fail the test.
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementationOnce(said)
  chat.on('opened', () => {
    throw new Error('a bad listener of the page')
  })
  chat.on('opened', () => heard.push('one'))
  const unbind = chat.on('opened', () => heard.push('two'))
  chat.watch()()
  unbind()
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementationOnce(said)
  chat.watch()()
  expect(heard).toEqual(['one', 'two', 'one'])
  expect(said).toHaveBeenCalledTimes(2)
})

it('counts what the backend says in one of several tabs', async () => {
  const tabs = stillTabs()
  const storage = memory()
  const first = await chatOver(
    [
      { do: 'availability', open: true },
      { do: 'await', what: 'message' },
      { do: 'wait', for: 10_000 },
      { do: 'say', text: 'Here I am.' }
    ],
    tabs,
    storage
  )
  const second = await chatOver([], tabs, storage)
  const counted = [first, second].map(tally)
  first.watch()
  await pass(1000)
  await second.send('shared', { text: 'From the other tab' })
  await pass(30_000)
  const sum = (name: 'sent' | 'received') => counted.map(({ get }) => get()[name])
  expect(sum('sent')).toEqual([0, 1])
  expect(sum('received')).toEqual([1, 0])
  expect(counted.map(({ get }) => get().firstResponse.median)).toEqual([10_000, undefined])
})

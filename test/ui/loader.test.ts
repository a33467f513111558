// @vitest-environment happy-dom
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

type Porchlight = ((...call: unknown[]) => void) & { q?: unknown[] }

const globals = globalThis as unknown as {
  Porchlight?: Porchlight | undefined
  PorchlightConfig?: object | undefined
  calls: string[]
}
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loader-'))
  globals.calls = []
})
afterEach(async () => {
  globals.Porchlight?.('destroy')
  delete globals.Porchlight
  delete globals.PorchlightConfig
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

/** The script tag, with a widget beside it that writes down what is asked of it. */
async function load(config: object, { widget = true } = {}): Promise<void> {
  if (widget) await provide()
  globals.PorchlightConfig = {
    src: pathToFileURL(join(folder, 'loader.js')).href,
    server: 'https://x.example',
    ...config
  }
  vi.resetModules()
  await import('../../src/loader.ts')
}

function provide(): Promise<void> {
  return writeFile(
    join(folder, 'widget.js'),
    `export function mountChat(options) {
       const note = name => (...values) => { globalThis.calls.push(name + ' ' + JSON.stringify(values)) }
       note('mount')(options)
       return { open: note('open'), identify: note('identify'), on: note('on'), destroy: note('destroy'), $open: { listen: note('listen') } }
     }`
  )
}

const said = async (call: string) => vi.waitFor(() => expect(globals.calls.join('\n')).toContain(call), 3000)

test('mounts the widget when the page is idle, with its options', async () => {
  await load({ app: 'shop', title: 'Fernhill' })
  expect(globals.calls).toEqual([])
  await said('mount [{"server":"https://x.example","app":"shop","title":"Fernhill"}]')
})

test('replays calls that were made before it arrived, in order', async () => {
  const stub: Porchlight = (...call) => {
    stub.q = [...(stub.q ?? []), call]
  }
  stub('init', { app: 'stubbed' })
  stub('identify', { name: 'Sam' })
  stub('open')
  globals.Porchlight = stub
  await load({})
  await said('open []')
  expect(globals.calls.map(call => call.split(' ')[0])).toEqual(['mount', 'identify', 'open'])
  expect(globals.calls[0]).toContain('"app":"stubbed"')
})

test('a second script tag does nothing, and says so', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => {})
  await load({ app: 'shop', load: 'manual' })
  const first = globals.Porchlight
  await load({ app: 'shop', load: 'manual' })
  expect(globals.Porchlight).toBe(first)
  expect(info).toHaveBeenCalledOnce()
})

test('waits for start when it is told to', async () => {
  await load({ app: 'shop', load: 'manual' })
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(globals.calls).toEqual([])
  globals.Porchlight!('start')
  await said('mount')
})

test('a widget that does not arrive is a warning, and is tried again on open', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await load({ app: 'shop' }, { widget: false })
  await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce(), 3000)
  // Node remembers a module that was not there; another folder stands for a network that is back.
  expect(warn.mock.calls[0]![0]).toContain('could not be loaded')
  globals.Porchlight!('open')
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(2), 3000)
})

test('destroy takes the global along', async () => {
  await load({ app: 'shop' })
  await said('mount')
  globals.Porchlight!('destroy')
  expect(globals.calls.at(-1)).toBe('destroy []')
  expect('Porchlight' in globals).toBe(false)
})

test('an unknown command is a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await load({ app: 'shop' })
  await said('mount')
  globals.Porchlight!('opne')
  expect(warn).toHaveBeenCalledWith('porchlight: there is no command opne')
})

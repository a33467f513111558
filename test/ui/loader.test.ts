// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

type Porchlight = ((...call: unknown[]) => void) & { q?: unknown[] }

const globals = window as unknown as {
  Porchlight?: Porchlight | undefined
  PorchlightConfig?: object | undefined
}
let run: (fetchModule: (url: string) => Promise<unknown>) => void
let calls: string[]

beforeAll(async () => {
  const { build } = await import('vite')
  const [bundle] = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: 'src/loader.ts', formats: ['iife'], name: 'Loader' } }
  })) as { output: { code: string }[] }[]
  const { code } = bundle!.output[0]!
  // A classic script is run, not imported; what it imports itself is given to it here.
  run = new Function('fetchModule', code.replace('import(', 'fetchModule(')) as typeof run
})
beforeEach(() => {
  calls = []
})
afterEach(() => {
  globals.Porchlight?.('destroy')
  delete globals.Porchlight
  delete globals.PorchlightConfig
  vi.restoreAllMocks()
})

const widget = {
  mountChosen(options: object) {
    const note =
      (name: string) =>
      (...values: unknown[]) =>
        calls.push(`${name} ${JSON.stringify(values)}`)
    note('mount')(options)
    return {
      open: note('open'),
      identify: note('identify'),
      destroy: note('destroy'),
      logout: note('logout'),
      $open: { listen: note('listen') }
    }
  }
}

/** The script tag, with a widget beside it that writes down what is asked of it. */
function load(config: object, fetchModule: (url: string) => Promise<unknown> = async () => widget): void {
  globals.PorchlightConfig = { src: 'https://cdn.example/1.2.3/loader.js', ...config }
  run(fetchModule)
}

const said = (call: string) => vi.waitFor(() => expect(calls.join('\n')).toContain(call), 4000)

test('fetches the widget from its own folder when the page is idle, and mounts it with its options', async () => {
  const fetchModule = vi.fn(async () => widget)
  load({ app: 'shop', title: 'Fernhill' }, fetchModule)
  expect(fetchModule).not.toHaveBeenCalled()
  await said('mount ')
  expect(JSON.parse(calls[0]!.slice(6))).toMatchObject([
    { server: 'https://cdn.example/api', app: 'shop', title: 'Fernhill', mode: 'both' }
  ])
  expect(fetchModule).toHaveBeenCalledWith('https://cdn.example/1.2.3/widget.js')
})

test('says which option is wrong, and fetches nothing then', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const fetchModule = vi.fn(async () => widget)
  load({ app: 'shop', mode: 'chat' }, fetchModule)
  const reason = 'porchlight: option mode must be one of both, live, messages, got "chat"'
  await vi.waitFor(() => expect(String(warn.mock.calls[0]?.[1])).toContain(reason), 4000)
  expect(fetchModule).not.toHaveBeenCalled()
})

test('replays calls that were made before it arrived, in order', async () => {
  const stub: Porchlight = (...call) => {
    stub.q = [...(stub.q ?? []), call]
  }
  stub('init', { app: 'stubbed' })
  stub('identify', { name: 'Sam' })
  stub('open')
  globals.Porchlight = stub
  load({})
  await said('open []')
  expect(calls.map(call => call.split(' ')[0])).toEqual(['mount', 'identify', 'open'])
  expect(calls[0]).toContain('"app":"stubbed"')
})

test('a second script tag does nothing, and says so', () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => {})
  load({ app: 'shop', load: 'manual' })
  const first = globals.Porchlight
  load({ app: 'shop', load: 'manual' })
  expect(globals.Porchlight).toBe(first)
  expect(info).toHaveBeenCalledOnce()
})

test('waits for start when it is told to', async () => {
  load({ app: 'shop', load: 'manual' })
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(calls).toEqual([])
  globals.Porchlight!('start')
  await said('mount')
})

test('a widget that does not arrive is a warning, and is tried again on open', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const fetchModule = vi
    .fn<() => Promise<unknown>>()
    .mockRejectedValueOnce(new Error('offline'))
    .mockResolvedValue(widget)
  load({ app: 'shop', load: 'manual' }, fetchModule)
  globals.Porchlight!('start')
  await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
  globals.Porchlight!('open')
  await said('open []')
  expect(warn).toHaveBeenCalledOnce()
})

test('destroy takes the global along', async () => {
  load({ app: 'shop' })
  await said('mount')
  globals.Porchlight!('destroy')
  expect(calls.at(-1)).toBe('destroy []')
  expect('Porchlight' in globals).toBe(false)
})

test('an unknown command is a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  load({ app: 'shop' })
  await said('mount')
  globals.Porchlight!('opne')
  expect(warn).toHaveBeenCalledWith('porchlight: there is no command', 'opne')
})

test('signs out though nobody has asked for the widget yet', async () => {
  load({ app: 'shop', load: 'manual' })
  globals.Porchlight?.('logout')
  await said('logout ')
})

test('signs out though the widget is taken away before it is there', async () => {
  load({ app: 'shop' })
  globals.Porchlight?.('logout')
  globals.Porchlight?.('destroy')
  await said('destroy []')
  expect(calls.map(call => call.split(' ')[0])).toEqual(['mount', 'logout', 'destroy'])
})

test('mounts nothing that was taken away before it was there', async () => {
  let arrive = (_: unknown) => {}
  const fetchModule = vi.fn(() => new Promise(resolve => (arrive = resolve)))
  load({ app: 'shop' }, fetchModule)
  await vi.waitFor(() => expect(fetchModule).toHaveBeenCalled(), 4000)
  globals.Porchlight?.('destroy')
  arrive(widget)
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(calls).toEqual([])
})

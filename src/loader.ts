/**
 * The script tag: `<script async src="…/loader.js" data-app="shop"></script>`.
 *
 * A classic script that weighs next to nothing. It takes calls at once, checks the options, and fetches the widget when the
 * page has nothing better to do. Whatever goes wrong here, the page does not notice.
 */
import { checkMountChat, type MountChatOptions } from './mount-options.ts'

type Call = readonly unknown[]

interface Commands {
  (...call: Call): void
  /** Calls of a stub in the page, made before this script arrived. */
  q?: Call[]
  /** Set by the real thing. */
  loaded?: boolean
}

interface LoadedWidget {
  destroy(): void
  on(name: string, listener: unknown): void
  readonly $open: { listen(listener: (open: boolean) => void): () => void }
}

;(() => {
  const script = document.currentScript as HTMLScriptElement | null
  const data = script?.dataset ?? {}
  const globals = window as unknown as Record<string, unknown>
  const name = data.global || 'Porchlight'
  const stub = globals[name] as Commands | undefined
  if (stub?.loaded) {
    console.info('porchlight: is on this page already; the second script tag does nothing')
    return
  }

  // From the tag manager's injected script there is no `currentScript`, and `PorchlightConfig` says where we are from.
  const config: Record<string, unknown> = { ...(globals.PorchlightConfig as object | undefined), ...data }
  const source = script?.src || String(config.src ?? '')
  let widget: LoadedWidget | undefined
  let loading: Promise<void> | undefined
  const waiting: Call[] = []
  let gone = false

  const run = async ([command, ...values]: Call) => {
    try {
      const [event, listener] = values
      if (command === 'on' && (event === 'open' || event === 'close')) {
        widget?.$open.listen(open => open === (event === 'open') && (listener as () => void)())
        return
      }
      const method = (widget as unknown as Record<string, (...values: unknown[]) => void>)[String(command)]
      if (method) await method(...values)
      else console.warn('porchlight: there is no command', command)
    } catch (error) {
      console.warn(error)
    }
  }

  const fetchWidget = async () => {
    const { global: _, load: __, src: ___, ...options } = config
    const near = (path: string) => new URL(path, source || location.href).href
    const choice = checkMountChat({ server: near('/api'), ...options } as unknown as MountChatOptions)
    const [{ mountChosen }, more] = await Promise.all([
      import(/* @vite-ignore */ near('widget.js')),
      // What only some sites ask for is in a file of its own.
      config.consent || config.rules || config.numbers || config.pages || config.target
        ? import(/* @vite-ignore */ near('more.js'))
        : undefined
    ])
    // Taken away again, and asked for nothing before: who signs out does so all the same.
    if (gone && !waiting[1]) return
    widget = more ? more.mountMore(choice, mountChosen) : mountChosen(choice)
    for (const call of waiting.splice(0)) void run(call)
  }

  const load = () => {
    loading ??= fetchWidget().catch(error => {
      // The next 'open' tries again.
      loading = undefined
      console.warn('porchlight: could not be loaded', error)
    })
  }

  const whenIdle = () => {
    if (config.load === 'manual' || !config.app) return
    const later = () =>
      'requestIdleCallback' in window ? requestIdleCallback(load, { timeout: 3000 }) : setTimeout(load, 200)
    if (document.readyState === 'complete') later()
    else addEventListener('load', later, { once: true })
  }

  const call: Commands = (...args) => {
    const command = args[0]
    if (gone) return
    if (command === 'init') {
      if (widget || loading) return
      Object.assign(config, args[1])
      whenIdle()
      return
    }
    if (command === 'destroy') {
      gone = true
      delete globals[name]
    }
    if (command === 'start') load()
    else if (widget) void run(args)
    else {
      waiting.push(args)
      if (command === 'open' || command === 'toggle' || command === 'logout') load()
    }
  }
  call.loaded = true
  globals[name] = call
  for (const early of stub?.q ?? []) call(...early)
  whenIdle()
})()

import { isLive } from '../../src/model/session.ts'
import { type Browser, createBrowser, type Tab } from './browser/browser.ts'
import { createRecorder, type HistoryEvent, hashOf } from './history.ts'
import { AGENTS, type Database } from './house/database.ts'
import { createHouse } from './house/house.ts'
import type { AgentDeed, Op, Plan, WeatherKind, Words } from './plan.ts'
import { createNetwork, FINE, type Weather } from './world/network.ts'
import { createWorld } from './world/time.ts'
import { createWiretap } from './world/wiretap.ts'

/** How long after the last fault everything has to be where it belongs, in milliseconds. */
export const SETTLES_WITHIN = 45_000

const WEATHERS: Readonly<Record<WeatherKind, Weather>> = {
  fine: FINE,
  slow: { ...FINE, latency: [200, 4000] },
  lossy: { ...FINE, loss: 0.05 },
  awful: { ...FINE, latency: [20, 9000], loss: 0.3, hang: 0.3 },
  echo: { ...FINE, twice: 0.5 },
  swapped: { ...FINE, late: 0.5, latency: [1, 300] },
  damaged: { ...FINE, damage: 0.1 },
  dead: { ...FINE, up: false }
}

/** Lets a planned history happen, and gives what was recorded of it. */
export async function play(plan: Plan, database: Database): Promise<readonly HistoryEvent[]> {
  const world = createWorld(plan.seed)
  const recorder = createRecorder(world.now)
  const { record } = recorder
  const oops = (error: unknown) =>
    record('world', 'error', { what: 'uncaught', reason: String((error as Error)?.stack ?? error) })
  process.on('uncaughtException', oops)
  process.on('unhandledRejection', oops)
  database.begin()
  try {
    await happen()
    return recorder.events
  } finally {
    database.end()
    world.close()
    process.off('uncaughtException', oops)
    process.off('unhandledRejection', oops)
  }

  async function happen() {
    const god = world.owner('world')
    const house = createHouse({ world, recorder, database, limits: { messages: { perMinute: 600, burst: 30 } } })
    const network = createNetwork(world, recorder, house.door, createWiretap(recorder, house))
    const browsers = plan.browsers.map((_, i) => createBrowser(`dev${i + 1}`, { world, recorder, network, house }))
    /** Agents that sit at their desks. */
    const online = new Set<string>([AGENTS[0]!])
    /** What agents did and nobody confirmed: done again when the server is back, as their inbox does. */
    const pending = new Map<string, () => void>()
    let leave: (() => void)[] = []
    let said = 0
    let dooms = new Map<Tab | 'server', { left: number; down: number }>()

    const crashServer = (quiet: boolean, down: number) => {
      if (!house.running()) return
      house.crash()
      network.serverLost(quiet)
      world.plan(down, god, house.start)
    }
    const doomed = (who: Tab | 'server', crash: (down: number) => void) => {
      const doom = dooms.get(who)
      if (!doom || --doom.left > 0) return
      dooms.delete(who)
      crash(doom.down)
    }
    house.at = () =>
      doomed('server', down => {
        record('world', 'fault', { kind: 'server crash' })
        crashServer(false, down)
      })
    house.onStarted = running => {
      leave = []
      for (const id of online) leave.push(running.presence.agentJoined(id))
      for (const again of pending.values()) again()
    }
    for (const browser of browsers) browser.at = tab => doomed(tab, () => tab.crash())
    world.onSettled = () => {
      for (const browser of browsers) for (const tab of browser.tabs) tab.look()
    }

    // Names that no other history has: what is left of them in the database must not be in the way.
    const threadOf = (browser: Browser, n: number) => `${plan.seed}.${browser.who()}-${n}`
    const wordsOf = (kind: Words) => {
      const n = ++said
      return kind === 'plain'
        ? `v${n}`
        : kind === 'long'
          ? `v${n} ${'x'.repeat(7900)}`
          : `v${n} <b>å🏮</b> \u0000 \ud800 "\\ \u202e`
    }

    const agent = (who: string, deed: AgentDeed, n: number) => {
      const running = house.running()
      if (!running) return
      if (deed === 'online' || deed === 'away') {
        if (deed === 'online') online.add(who)
        else online.delete(who)
        for (const undo of leave.splice(0)) undo()
        for (const id of online) leave.push(running.presence.agentJoined(id))
        return
      }
      const threads = database.query<{ id: string; last: number }>('SELECT id, last FROM threads ORDER BY id')
      const thread = threads[n % Math.max(1, threads.length)]
      if (!thread) return
      if (deed === 'delivered') {
        world.plan(0, running.owner, () => {
          running.conversations.markDelivered(new Map([[thread.id, thread.last]])).catch(() => {})
        })
        return
      }
      const id = `agent-${++said}`
      const text = `a${said}`
      if (deed === 'reply') record(who, 'accept', { cid: id, thread: thread.id, hash: hashOf(text) })
      const command = {
        reply: () => ({ id, type: 'reply', threadId: thread.id, text }) as const,
        accept: () => ({ id, type: 'accept', threadId: thread.id }) as const,
        end: () => ({ id, type: 'end', threadId: thread.id }) as const,
        read: () => ({ id, type: 'read', threadId: thread.id, upTo: thread.last }) as const,
        close: () => ({ id, type: 'state', threadId: thread.id, state: 'closed' }) as const
      }[deed]()
      const attempt = () => {
        const now = house.running()
        if (!now) return
        world.plan(0, now.owner, () => {
          now.conversations.acceptOfAgent(who, command).then(
            outcome => {
              pending.delete(id)
              if (outcome === 'fenced' || outcome.accepted) return
              record(who, 'state', { cid: id, to: 'failed', reason: outcome.reason })
            },
            () => {}
          )
        })
      }
      pending.set(id, attempt)
      attempt()
    }

    const perform = (op: Op) => {
      const browser = 'dev' in op ? browsers[op.dev % browsers.length]! : browsers[0]!
      const awake = browser.tabs.filter(({ owner }) => !owner.frozen)
      const tab = 'tab' in op ? awake[op.tab % Math.max(1, awake.length)] : undefined
      switch (op.do) {
        case 'send': {
          const thread = threadOf(browser, op.thread)
          for (let n = 0; n < op.times; n++) send(tab, thread, wordsOf(op.words))
          return
        }
        case 'intrude': {
          const other = browsers[(browsers.indexOf(browser) + 1) % browsers.length]!
          return send(tab, threadOf(other, 0), wordsOf('plain'))
        }
        case 'draft':
          return tab?.draft(threadOf(browser, op.thread), wordsOf('plain'))
        case 'read':
          return tab?.act(chat => chat.read(threadOf(browser, op.thread)).catch(() => {}))
        case 'start':
          return tab?.act(chat => chat.start(threadOf(browser, op.thread)).catch(() => {}))
        case 'leave':
        case 'end': {
          const as = op.do === 'end' ? 'done' : 'message'
          return tab?.act(chat => {
            const thread = threadOf(browser, op.thread)
            if (isLive(chat.$sessions.get()[thread])) chat.end(thread, as).catch(() => {})
          })
        }
        case 'rate':
          return tab?.act(chat => chat.rate(threadOf(browser, op.thread), 4).catch(() => {}))
        case 'older':
          return tab?.act(chat => chat.older(threadOf(browser, op.thread)).catch(() => {}))
        case 'typing':
          return tab?.act(chat => chat.typing(threadOf(browser, op.thread), true))
        case 'identify':
          return tab?.act(chat => chat.identify({ name: `n${++said}` }).catch(() => {}))
        case 'retry':
        case 'discard':
          return tab?.act(chat => {
            const all = Object.values(chat.$messages.get()).flatMap(({ entries }) => entries)
            const wanted = op.do === 'retry' ? ['failed'] : ['failed', 'queued']
            const entry = all.findLast(({ delivery }) => wanted.includes(delivery ?? ''))
            if (!entry) return
            record(tab.node, op.do, { cid: entry.message.id })
            const done = op.do === 'retry' ? chat.retry(entry.message.id) : chat.discard(entry.message.id)
            done.catch(() => {})
          })
        case 'reset':
          return tab?.reset()
        case 'open':
          if (browser.tabs.length < 8) browser.open()
          return
        case 'close':
          return tab?.close()
        case 'reload':
          tab?.close()
          browser.open()
          return
        case 'crash':
          return tab?.crash()
        case 'freeze':
        case 'stop':
          return tab?.freeze(op.do === 'freeze')
        case 'thaw':
          return browser.tabs
            .filter(({ owner }) => owner.frozen)
            .at(0)
            ?.thaw()
        case 'hide':
        case 'show':
          return tab?.show(op.do === 'show')
        case 'doom':
          if (tab) dooms.set(tab, { left: op.boundaries, down: 0 })
          return
        case 'crash browser':
          for (const one of browser.tabs) one.crash()
          return
        case 'offline':
        case 'online':
          network.setWeather(browser.name, op.do === 'online' ? FINE : WEATHERS.dead)
          record('world', 'fault', { kind: op.do, dev: browser.name })
          for (const one of browser.tabs) world.plan(0, one.owner, () => one.page.emit(op.do as 'online'))
          return
        case 'silence':
          record('world', 'fault', { kind: 'half-open', dev: browser.name })
          return network.silence(browser.name)
        case 'cut':
          record('world', 'fault', { kind: 'cut', dev: browser.name, code: op.code })
          return network.reset(browser.name, op.code)
        case 'weather':
          record('world', 'fault', { kind: 'weather', dev: browser.name, what: op.kind })
          return network.setWeather(browser.name, WEATHERS[op.kind])
        case 'agent':
          return agent(AGENTS[op.agent % AGENTS.length]!, op.deed, op.thread)
        case 'server':
          record('world', 'fault', { kind: `server ${op.how}` })
          if (op.how === 'restore') {
            crashServer(false, op.down)
            house.restore()
          } else if (op.how === 'restart') {
            const now = house.running()
            if (!now) return
            world.plan(0, now.owner, house.stop)
            world.plan(1250, god, () => {
              if (house.running() === now) crashServer(false, op.down)
            })
          } else crashServer(op.how === 'vanish', op.down)
          return
        case 'doom server':
          dooms.set('server', { left: op.boundaries, down: op.down })
          return
        case 'backup':
          if (house.running()) house.backup()
          return
        case 'disk': {
          record('world', 'fault', { kind: 'disk', dev: browser.name, what: op.trouble })
          browser.disk.begin(op.trouble)
          world.plan(op.lasts, god, () => browser.disk.mend())
          return
        }
        case 'wipe':
          record('world', 'wipe', {
            dev: browser.name,
            open: awake.filter(({ chat }) => chat).length
          })
          return browser.disk.wipe(browser.database)
        case 'notes':
          browser.bar.notes = { loss: op.loss, latency: [0, op.slow] }
          return
        case 'clock': {
          record('world', 'fault', { kind: 'clock', dev: browser.name, ahead: op.ahead })
          const owners = op.dev < browsers.length ? browser.tabs.map(({ owner }) => owner) : [house.running()?.owner]
          for (const owner of owners) if (owner) owner.ahead += op.ahead
        }
      }
    }

    const send = (tab: Tab | undefined, thread: string, text: string) =>
      tab?.act(chat => {
        chat.load(thread).catch(() => {})
        chat.send(thread, { text }).then(
          cid => record(tab.node, 'state', { cid, from: 'saving', to: 'queued' }),
          error => record(tab.node, 'unsaved', { reason: String(error) })
        )
      })

    const heal = () => {
      dooms = new Map()
      for (const browser of browsers) {
        network.setWeather(browser.name, FINE)
        browser.disk.mend()
        browser.bar.notes = { loss: 0, latency: [0, 20] }
        if (!browser.tabs.length) browser.open()
        for (const tab of browser.tabs) {
          tab.thaw()
          if (!tab.page.visible) tab.show(true)
          world.plan(0, tab.owner, () => tab.page.emit('online'))
        }
      }
      house.start()
      record('world', 'heal')
    }

    house.start()
    await world.pass(0)
    browsers.forEach((browser, i) => {
      for (let n = 0; n < plan.browsers[i]!; n++) browser.open()
    })
    await world.pass(50)
    for (const op of plan.ops) {
      perform(op)
      await world.pass(op.after)
    }
    heal()
    await world.pass(SETTLES_WITHIN)

    const everyTab = browsers.flatMap(browser => browser.tabs)
    for (let round = 0; round < 3; round++) {
      for (const tab of everyTab) {
        tab.act(chat => {
          for (const thread of Object.keys(chat.$messages.get())) chat.older(thread).catch(() => {})
        })
      }
      await world.pass(11_000)
    }
    house.audit()
    record('world', 'quiesce', {
      tabs: everyTab.map(({ node }) => node),
      outbox: Object.fromEntries(
        browsers.map(({ name, disk, database }) => [
          name,
          disk.rows(database, ['outbox']).map(({ value }) => (value as { command: { id: string } }).command.id)
        ])
      )
    })
  }
}

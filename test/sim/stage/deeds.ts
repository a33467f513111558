import { isLive } from '../../../src/model/session.ts'
import type { Browser, Tab } from '../browser/browser.ts'
import type { Op, WeatherKind, Words } from '../plan.ts'
import { FINE, type Weather } from '../world/network.ts'
import type { Stage } from './stage.ts'

/** Makes one thing of a plan happen. */
export function perform(stage: Stage, op: Op): unknown {
  const { world, recorder, network, house, browsers, fate } = stage
  const { record } = recorder
  const browser = browsers['dev' in op ? op.dev % browsers.length : 0]!
  const awake = browser.tabs.filter(({ owner }) => !owner.frozen)
  const tab = 'tab' in op ? awake[op.tab % Math.max(1, awake.length)] : undefined
  const fault = (kind: string, facts: object = {}) => record('world', 'fault', { kind, ...facts })
  const dev = browser.name

  switch (op.do) {
    case 'send':
      for (let n = 0; n < op.times; n++) if (tab) send(stage, tab, op.thread, wordsOf(op.words, stage.next()))
      return
    case 'intrude': {
      const stranger = browsers[(browsers.indexOf(browser) + 1) % browsers.length]!.tabs[0]
      if (tab && stranger) sendTo(stage, tab, nameOf(stage, stranger, 0), `v${stage.next()}`)
      return
    }
    case 'draft':
      return tab?.draft(nameOf(stage, tab, op.thread), `v${stage.next()}`)
    case 'read':
    case 'start':
    case 'rate':
    case 'older':
    case 'typing':
    case 'leave':
    case 'end':
      return tab && use(stage, tab, op.do, op.thread)
    case 'identify':
      return tab?.act(chat => chat.identify({ name: `n${stage.next()}` }).catch(ignore))
    case 'retry':
    case 'discard':
      return tab && takeUp(stage, tab, op.do)
    case 'reset':
      return tab?.reset()
    case 'sign out':
      return signOut(stage, tab)
    case 'sign in': {
      browser.identity = op.who
      const pages = op.all ? browser.tabs : tab ? [tab] : []
      for (const page of pages) {
        page.close()
        browser.open()
      }
      return undefined
    }
    case 'open':
      if (browser.tabs.length < MOST_TABS) browser.open()
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
      return browser.tabs.find(({ owner }) => owner.frozen)?.thaw()
    case 'hide':
    case 'show':
      return tab?.show(op.do === 'show')
    case 'doom':
      return tab && stage.doom(tab, op.boundaries, 0)
    case 'crash browser':
      for (const one of browser.tabs) one.crash()
      return
    case 'offline':
    case 'online':
      fault(op.do, { dev })
      network.setWeather(dev, op.do === 'online' ? FINE : WEATHERS.dead)
      for (const one of browser.tabs) world.plan(0, one.owner, () => one.page.emit(op.do as 'online'))
      return
    case 'silence':
      fault('half-open', { dev })
      return network.silence(dev)
    case 'cut':
      fault('cut', { dev, code: op.code })
      return network.reset(dev, op.code)
    case 'weather':
      fault('weather', { dev, what: op.kind })
      return network.setWeather(dev, WEATHERS[op.kind])
    case 'agent':
      return stage.team.perform(op.agent, op.deed, op.thread)
    case 'flood':
      for (let n = 0; n < op.times; n++) stage.team.perform(0, 'reply', op.thread)
      return
    case 'server':
      return strike(stage, op.how, op.down)
    case 'doom server':
      return stage.doom('server', op.boundaries, op.down)
    case 'backup':
      if (house.running()) house.backup()
      return
    case 'disk':
      fault('disk', { dev, what: op.trouble })
      browser.disk.begin(op.trouble)
      return world.plan(op.lasts, fate, browser.disk.mend)
    case 'wipe':
      record('world', 'wipe', {
        dev,
        open: awake.filter(({ chat, keeps }) => chat && keeps).length,
        places: placesOf(browser, awake)
      })
      for (const name of browser.disk.names()) browser.disk.wipe(name)
      return
    case 'notes':
      browser.notes = { loss: op.loss, latency: [0, op.slow] }
      return
    case 'clock': {
      fault('clock', { dev, ahead: op.ahead })
      const owners = op.dev < browsers.length ? browser.tabs.map(({ owner }) => owner) : [house.running()?.owner]
      for (const owner of owners) if (owner) owner.ahead += op.ahead
    }
  }
}

const MOST_TABS = 8

const WEATHERS: Readonly<Record<WeatherKind, Weather>> = {
  fine: FINE,
  slow: { ...FINE, latency: [200, 4000] },
  lossy: { ...FINE, loss: 0.05 },
  awful: { ...FINE, latency: [20, 9000], loss: 0.3, hang: 0.3 },
  echo: { ...FINE, twice: 0.5 },
  swapped: { ...FINE, late: 0.5, latency: [1, 300] },
  damaged: { ...FINE, damage: 0.1 },
  deaf: { ...FINE, deaf: 0.5 },
  dead: { ...FINE, up: false }
}

/**
 * A thread of this page's visitor. The first ones have names that no other history has: what is left of those in the
 * database must not be in the way. The others are those that are there already.
 */
function nameOf({ seed }: Stage, tab: Tab, n: number): string {
  const there = n > 1 ? (tab.chat?.$threads.get() ?? []) : []
  return there[n % Math.max(1, there.length)]?.id ?? `${seed}.${tab.who()}-${n % 2}`
}

function wordsOf(kind: Words, n: number): string {
  if (kind === 'plain') return `v${n}`
  return kind === 'long' ? `v${n} ${'x'.repeat(7900)}` : `v${n} <b>å🏮</b> \u0000 \ud800 "\\ \u202e`
}

function send(stage: Stage, tab: Tab, thread: number, text: string) {
  sendTo(stage, tab, nameOf(stage, tab, thread), text)
}

function sendTo({ recorder: { record } }: Stage, tab: Tab, thread: string, text: string) {
  tab.act(chat => {
    chat.load(thread).catch(ignore)
    // Whoever has written something sends that.
    chat.send(thread, { text: chat.$drafts.get()[thread] ?? text }).then(
      cid => tab.owner.alive && record(tab.node, 'state', { cid, from: 'saving', to: 'queued' }),
      error => tab.owner.alive && record(tab.node, 'unsaved', { reason: String(error) })
    )
  })
}

function use(
  stage: Stage,
  tab: Tab,
  deed: 'read' | 'start' | 'rate' | 'older' | 'typing' | 'leave' | 'end',
  n: number
) {
  const thread = nameOf(stage, tab, n)
  tab.act(chat => {
    if (deed === 'typing') return chat.typing(thread, true)
    if (deed === 'rate') return chat.rate(thread, 4).catch(ignore)
    if (deed !== 'leave' && deed !== 'end') return chat[deed](thread).catch(ignore)
    if (!isLive(chat.$sessions.get()[thread])) return
    return chat.end(thread, deed === 'end' ? 'done' : 'message').catch(ignore)
  })
}

/** Tries a message again that failed, or takes one back. */
function takeUp({ recorder: { record } }: Stage, tab: Tab, deed: 'retry' | 'discard') {
  tab.act(chat => {
    const all = Object.values(chat.$messages.get()).flatMap(({ entries }) => entries)
    const wanted = deed === 'retry' ? ['failed'] : ['failed', 'queued']
    const id = all.findLast(({ delivery }) => wanted.includes(delivery ?? ''))?.message.id
    if (id === undefined) return
    record(tab.node, deed, { cid: id })
    chat[deed](id).catch(ignore)
  })
}

/** The visitor leaves the site: the chat is told, and the site's other pages go with it soon. */
function signOut(stage: Stage, tab: Tab | undefined) {
  const { world, browsers, fate } = stage
  const browser = browsers.find(({ tabs }) => tab && tabs.includes(tab))
  if (!browser || !tab) return
  tab.reset()
  if (tab.identity === browser.identity) browser.identity = undefined
  const pages = browser.tabs.filter(({ identity }) => identity !== undefined && identity === tab.identity)
  for (const page of pages) {
    const after = world.random.next() * 5000
    stage.goneBy = Math.max(stage.goneBy, world.now() + after)
    world.plan(after, fate, () => {
      if (!page.owner.alive || page.owner.frozen) return
      page.close()
      browser.open()
    })
  }
}

function strike(stage: Stage, how: 'crash' | 'vanish' | 'restart' | 'restore', down: number) {
  const { world, house, fate, recorder, crashServer } = stage
  recorder.record('world', 'fault', { kind: `server ${how}` })
  if (how === 'restore') {
    crashServer(false, down)
    house.restore()
  } else if (how === 'restart') {
    const running = house.running()
    if (!running) return
    world.plan(0, running.owner, house.stop)
    world.plan(GOODBYE, fate, () => {
      if (house.running() === running) crashServer(false, down)
    })
  } else crashServer(how === 'vanish', down)
}

/** How long a server that stops gives everybody, in milliseconds: half of `limits.drain`. */
const GOODBYE = 1250

/** Whose rows somebody has before them, as accepts name them. */
function placesOf({ name }: Browser, tabs: readonly Tab[]): readonly string[] {
  const started = tabs.filter(({ chat, keeps }) => chat && keeps)
  return [...new Set(started.map(({ identity }) => (identity ? `${name}:${identity}` : name)))]
}

/** What a page cannot do is not done; the record tells what it shows. */
function ignore() {}

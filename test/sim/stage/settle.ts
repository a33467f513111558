import type { OutboxRow } from '../../../src/core/rows.ts'
import type { Tab } from '../browser/browser.ts'
import { FINE } from '../world/network.ts'
import type { Stage } from './stage.ts'

/** How long after the last fault everything has to be where it belongs, in milliseconds. */
const SETTLES_WITHIN = 45_000
/** How long it takes until all pages have heard of something, in milliseconds. */
const TOLD_WITHIN = 1000
/** How long pages and the server take to start, in milliseconds. */
const STARTS_WITHIN = 100
/** How long a page may wait for older messages that another one fetches, and a little, in milliseconds. */
const FETCHES_WITHIN = 11_000
/** How long a page without a network may take to show what is stored, in milliseconds. */
const OPENS_WITHIN = 500

/**
 * Ends all faults, waits until everything should be where it belongs, and records what is there: on the screens, in the
 * log, and on the screens of pages that are opened next, without a network.
 */
export async function settle(stage: Stage): Promise<void> {
  const { world, browsers, network } = stage
  await heal(stage)
  await world.pass(SETTLES_WITHIN)
  await fetchAll(stage)
  await quiesce(stage)

  // Pages that were frozen all the time wake up, and find that the world has moved on.
  const frozen = browsers.flatMap(({ tabs }) => tabs.filter(({ owner }) => owner.frozen))
  if (frozen.length) {
    for (const tab of frozen) tab.thaw()
    await world.pass(SETTLES_WITHIN)
    await fetchAll(stage)
    await quiesce(stage)
  }

  for (const browser of browsers) {
    network.setWeather(browser.name, { ...FINE, up: false })
    for (const tab of browser.tabs) tab.close()
    browser.open()
  }
  await world.pass(OPENS_WITHIN)
}

async function heal(stage: Stage) {
  const { world, browsers, network, house, recorder, doom } = stage
  doom('server', 0, 0)
  for (const browser of browsers) {
    network.setWeather(browser.name, FINE)
    browser.disk.mend()
    browser.notes = { loss: 0, latency: [0, 20] }
    // Where another page is awake, the frozen ones stay so: whoever looks at that one must not have to wait for them.
    if (browser.tabs.every(({ owner }) => owner.frozen)) for (const tab of browser.tabs) tab.thaw()
    for (const tab of browser.tabs) {
      doom(tab, 0, 0)
      if (tab.owner.frozen) continue
      if (!tab.page.visible) tab.show(true)
      world.plan(0, tab.owner, () => tab.page.emit('online'))
    }
  }
  house.start()
  await world.pass(Math.max(STARTS_WITHIN, stage.goneBy - world.now()))
  // A page of nobody may end a signing in that broke off, so that what waits there is somebody's.
  if (comeBack(stage)) await world.pass(STARTS_WITHIN)
  comeBack(stage)
  recorder.record('world', 'heal')
}

/** Whoever still has something to say comes back; whether anybody has. */
function comeBack({ browsers }: Stage): boolean {
  let came = false
  for (const browser of browsers) {
    for (const { identity } of browser.tabs) if (identity !== undefined) browser.know(identity)
    for (const identity of [...browser.waiting(), browser.identity]) {
      if (identity !== undefined) browser.know(identity)
      const is = (tab: Tab) => tab.identity === identity && tab.keeps && !tab.owner.frozen
      if (browser.tabs.some(is)) continue
      browser.open({ identity })
      came = true
    }
  }
  return came
}

/** How often somebody scrolls up, a page each time, until nothing is missing. */
const ROUNDS = 20

/** Fetches what is missing at gaps, as somebody does who scrolls to them. */
async function fetchAll({ world, browsers }: Stage) {
  for (let round = 0; round < ROUNDS; round++) {
    let asked = false
    for (const tab of browsers.flatMap(({ tabs }) => tabs)) {
      tab.act(chat => {
        for (const [thread, { entries, more }] of Object.entries(chat.$messages.get())) {
          if (!more && !entries.some(({ gap }) => gap)) continue
          asked = true
          chat.older(thread).catch(() => {})
        }
      })
    }
    await world.pass(0)
    if (!asked) return
    await world.pass(FETCHES_WITHIN)
  }
}

/** Waits until nothing has come for so long that everybody must have heard of the last thing. */
async function calm({ world, recorder }: Stage) {
  const last = () => recorder.events.findLast(({ ev }) => ev === 'commit')?.t ?? 0
  for (let round = 0; round < 10 && world.now() - last() < TOLD_WITHIN; round++) await world.pass(TOLD_WITHIN)
}

async function quiesce(stage: Stage) {
  const { browsers, house, recorder } = stage
  await calm(stage)
  house.audit()
  const waiting = browsers.map(({ name, disk }) => {
    const rows = disk.names().flatMap(database => disk.rows(database, ['outbox']))
    return [name, rows.map(({ value }) => (value as OutboxRow).command.id)] as const
  })
  const tabs = browsers.flatMap(browser => browser.tabs.filter(({ owner }) => !owner.frozen))
  recorder.record('world', 'quiesce', { tabs: tabs.map(({ node }) => node), outbox: Object.fromEntries(waiting) })
}

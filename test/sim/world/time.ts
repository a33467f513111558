import type { ChatStorage } from '../../../src/storage/storage.ts'
import { createRandom, type Random } from './random.ts'

/**
 * Whose code runs: a tab, the server, or the world around them. Each has clocks and chance of its own, can be frozen, and
 * does nothing any more when it has died. That is what fake timers of a library cannot do: they have one clock for all.
 */
export interface Owner {
  readonly name: string
  readonly random: Random
  alive: boolean
  /** What happens to it meanwhile waits for `thaw`. */
  frozen: boolean
  /** Its timers fire at multiples of so many milliseconds, as those of hidden pages do; 0: when they are due. */
  grain: number
  /** What its wall clock is ahead of the world's, in milliseconds. */
  ahead: number
  /** Timers that are set. */
  timers: number
  /** The databases it can open, by name. */
  databases: ((name: string) => ChatStorage) | undefined
}

/** One simulated world: time, and what happens in it, one thing after the other. */
export interface World {
  readonly random: Random
  /** Milliseconds since its beginning. */
  now(): number
  owner(name: string): Owner
  /** Makes something happen later. Two things of the same moment happen in the order in which they were planned. */
  plan(after: number, owner: Owner, happen: () => void): void
  /** Lets everything happen up to so many milliseconds from now; returns early when `done` says so. */
  pass(milliseconds: number, done?: () => boolean): Promise<void>
  thaw(owner: Owner): void
  /** Called after each thing that happened, when everything that follows from it at once has happened, too. */
  onSettled: () => void
  /** Gives the globals back. */
  close(): void
}

/** The wall clock at the beginning of each world: a day like any other. */
export const EPOCH = Date.UTC(2027, 2, 14, 9, 0, 0)

/** Whose code runs right now; nobody's between two worlds. */
let current: Owner | undefined

/** @throws {Error} Between two worlds. */
export function currentOwner(): Owner {
  if (!current) throw new Error('expected a simulated world, and there is none')
  return current
}

interface Happening {
  readonly at: number
  readonly number: number
  readonly owner: Owner
  readonly happen: () => void
}

const realImmediate = setImmediate

/** Settles when all microtasks are done: whatever follows at once from what happened has happened. */
const settled = () => new Promise<void>(resolve => realImmediate(resolve))

export function createWorld(seed: string): World {
  const random = createRandom(seed)
  const queue = createHeap()
  const nobody = createOwner('world', random)
  /** By owner, what happened to it while it was frozen. */
  const missed = new Map<Owner, Happening[]>()
  let now = 0
  let count = 0
  current = nobody

  const world: World = {
    random,
    now: () => now,
    owner: name => createOwner(name, random),
    plan(after, owner, happen) {
      queue.push({ at: now + Math.max(0, after), number: count++, owner, happen })
    },
    async pass(milliseconds, done = () => false) {
      const end = now + milliseconds
      for (let next = queue.peek(); next && next.at <= end; next = queue.peek()) {
        queue.pop()
        const { owner, at } = next
        if (!owner.alive) continue
        if (owner.frozen) {
          missed.get(owner)?.push(next) ?? missed.set(owner, [next])
          continue
        }
        now = Math.max(now, at)
        current = owner
        next.happen()
        await settled()
        world.onSettled()
        current = nobody
        if (done()) return
      }
      now = end
    },
    thaw(owner) {
      owner.frozen = false
      for (const { happen } of missed.get(owner) ?? []) world.plan(0, owner, happen)
      missed.delete(owner)
    },
    onSettled() {},
    close: install(
      () => now,
      (after, owner, happen) => world.plan(after, owner, happen)
    )
  }
  return world
}

function createOwner(name: string, random: Random): Owner {
  return {
    name,
    random: random.fork(name),
    alive: true,
    frozen: false,
    grain: 0,
    ahead: 0,
    timers: 0,
    databases: undefined
  }
}

/** Puts the world's clocks, timers and chance in place of the real ones. Returns the function that takes them away. */
function install(now: () => number, plan: World['plan']): () => void {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    dateNow: Date.now,
    performanceNow: performance.now,
    random: Math.random,
    getRandomValues: crypto.getRandomValues,
    addEventListener: EventTarget.prototype.addEventListener,
    DateTimeFormat: Intl.DateTimeFormat
  }

  const set =
    (repeat: boolean) =>
    (listener: (...args: unknown[]) => void, wait = 0, ...args: unknown[]) => {
      const owner = currentOwner()
      const timer = { on: true, unref: () => timer, ref: () => timer }
      const ring = () => {
        if (!timer.on) return
        if (repeat) start()
        else stop(timer)
        listener(...args)
      }
      const start = () => {
        const due = now() + Math.max(1, Number(wait) || 0)
        plan((owner.grain ? Math.ceil(due / owner.grain) * owner.grain : due) - now(), owner, ring)
      }
      const stop = (given: typeof timer) => {
        if (!given.on) return
        given.on = false
        owner.timers--
      }
      stops.set(timer, () => stop(timer))
      owner.timers++
      start()
      return timer
    }
  const stops = new WeakMap<object, () => void>()
  const clear = (timer: unknown) => {
    if (typeof timer === 'object' && timer) stops.get(timer)?.()
  }

  Object.assign(globalThis, {
    setTimeout: set(false),
    clearTimeout: clear,
    setInterval: set(true),
    clearInterval: clear
  })
  Date.now = () => EPOCH + Math.floor(now()) + currentOwner().ahead
  performance.now = now
  Math.random = () => currentOwner().random.next()
  crypto.getRandomValues = (array => {
    currentOwner().random.fill(array as unknown as Uint8Array)
    return array
  }) as typeof crypto.getRandomValues

  // Where a signal ends listening, Node remembers that in a place of its own, and with it whole worlds that are over.
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (typeof options !== 'object' || !options?.signal)
      return real.addEventListener.call(this, type, listener, options)
    const { signal, ...others } = options
    if (signal.aborted) return
    const end = () => this.removeEventListener(type, listener, others)
    real.addEventListener.call(signal, 'abort', end, { once: true })
    real.addEventListener.call(this, type, listener, others)
  }

  // What a browser says about where it is must not depend on the machine.
  const here = { resolvedOptions: () => ({ locale: 'en', timeZone: 'UTC' }) }
  Intl.DateTimeFormat = (() => here) as unknown as typeof Intl.DateTimeFormat

  return () => {
    current = undefined
    const { setTimeout, clearTimeout, setInterval, clearInterval } = real
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
    Date.now = real.dateNow
    performance.now = real.performanceNow
    Math.random = real.random
    crypto.getRandomValues = real.getRandomValues
    EventTarget.prototype.addEventListener = real.addEventListener
    Intl.DateTimeFormat = real.DateTimeFormat
  }
}

/** What happens first comes out first. */
function createHeap() {
  const items: Happening[] = []
  const before = (a: Happening, b: Happening) => a.at < b.at || (a.at === b.at && a.number < b.number)
  const swap = (i: number, j: number) => {
    const kept = items[i]!
    items[i] = items[j]!
    items[j] = kept
  }
  return {
    peek: () => items[0],
    push(item: Happening) {
      let at = items.push(item) - 1
      for (let parent = (at - 1) >> 1; at > 0 && before(items[at]!, items[parent]!); parent = (at - 1) >> 1) {
        swap(at, parent)
        at = parent
      }
    },
    pop() {
      const last = items.pop()!
      if (!items.length) return
      items[0] = last
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        const right = left + 1
        let first = at
        if (left < items.length && before(items[left]!, items[first]!)) first = left
        if (right < items.length && before(items[right]!, items[first]!)) first = right
        if (first === at) return
        swap(at, first)
        at = first
      }
    }
  }
}

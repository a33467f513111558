import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type House, openBrowser, openHouse } from '../support/world.ts'

interface World {
  readonly browser: Browser
  readonly house: House
}

/**
 * One browser and one house for all tests of a file; no page outlives its test.
 *
 * @param onOpen Is given both before the first test.
 */
export function useWorld(onOpen: (world: World) => void, env: Readonly<Record<string, string>> = {}): void {
  let world: World
  beforeAll(async () => {
    world = { browser: await openBrowser(), house: await openHouse(env) }
    onOpen(world)
  })
  afterEach(async () => {
    for (const context of world.browser.contexts()) await context.close()
  })
  afterAll(async () => {
    await world.browser.close()
    await world.house.close()
  })
}

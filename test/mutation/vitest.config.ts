import { defineConfig } from 'vitest/config'

/** The tests that know the delivery core, without those that need a browser, a server or a real clock. */
export default defineConfig({
  test: {
    include: ['test/{core,journeys,model,storage}/**/*.test.ts'],
    env: { HISTORIES: '100', SEED: '1' },
    restoreMocks: true
  }
})

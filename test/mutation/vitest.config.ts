import { defineConfig } from 'vitest/config'

/** The tests that a change is tried with; `mutate.ts` says which. */
export default defineConfig({
  test: {
    include: [process.env.MUTATE_TESTS!],
    env: { HISTORIES: '100', SEED: '1' },
    restoreMocks: true
  }
})

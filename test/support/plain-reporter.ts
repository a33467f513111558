import type { Reporter, TestCase } from 'vitest/node'

/** Ends the run with one plain line: `N passed, N failed, N skipped`. */
export default class PlainReporter implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }

  onTestCaseResult(test: TestCase): void {
    this.#counts[test.result().state]++
  }

  onTestRunEnd(): void {
    const { passed, failed, skipped } = this.#counts
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

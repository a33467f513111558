/** A change that no test notices, and why that is no defect. */
interface Reason {
  readonly file: string
  /** As `npm run mutate` prints it. */
  readonly from: string
  readonly to: string
  readonly reason: string
}

export const REASONS: readonly Reason[] = [
  {
    file: 'src/core/recovery.ts',
    from: '[]',
    to: '["Stryker was here"]',
    reason:
      'One more text among the keys that are dropped, or behind the number that was found: it is equal to no key, and nobody reads it.'
  },
  {
    file: 'src/core/recovery.ts',
    from: 'first - 1',
    to: 'first + 1',
    reason:
      'A page behind which there is no more has no gap before it: any number from the one before its first position on says so.'
  },
  {
    file: 'src/core/recovery.ts',
    from: "''",
    to: '"Stryker was here!"',
    reason: 'No reason was given: this text does not name a number either.'
  },
  {
    file: 'src/core/recovery.ts',
    from: "command.type === 'message'",
    to: 'true',
    reason: 'Only a message is shown as failed. It is asked again for the types alone.'
  },
  {
    file: 'src/core/threads.ts',
    from: 'a.id < b.id',
    to: 'a.id <= b.id',
    reason: 'No two threads have one name.'
  }
]

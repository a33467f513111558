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
    file: 'src/core/device.ts',
    from: 'value === known',
    to: 'false',
    reason: 'Writes the name that is there once more, and only if it is still the same.'
  },
  {
    file: 'src/core/device.ts',
    from: "['device']",
    to: '[]',
    reason: 'The name is found by the commit then, which looks for it as well; it only comes later.'
  },
  {
    file: 'src/core/device.ts',
    from: "'device'",
    to: '""',
    reason: 'The name is found by the commit then, which looks for it as well; it only comes later.'
  },
  {
    file: 'src/core/holding.ts',
    from: "'put' in change",
    to: 'true',
    reason: 'One more text of what was put nowhere: it is equal to no row.'
  },
  {
    file: 'src/core/holding.ts',
    from: "key[0] === 'message'",
    to: 'true',
    reason: 'No row but a message has an id of its own that is the one of a command.'
  },
  {
    file: 'src/core/holding.ts',
    from: 'waiting.length',
    to: 'true',
    reason: 'Nothing is shown then, which nobody hears of.'
  },
  {
    file: 'src/core/holding.ts',
    from: 'lane !== undefined',
    to: 'true',
    reason: 'Messages and what waits always have a thread or a lane in their key.'
  },
  {
    file: 'src/core/holding.ts',
    from: '/^(outbox|message)$/',
    to: '/(outbox|message)$/',
    reason: 'No other kind of row ends in one of these words.'
  },
  {
    file: 'src/core/holding.ts',
    from: '/^(outbox|message)$/',
    to: '/^(outbox|message)/',
    reason: 'No other kind of row begins with one of these words.'
  },
  {
    file: 'src/core/holding.ts',
    from: '() => clearTimeout(timer)',
    to: '() => undefined',
    reason: 'The clock that is left running ends half a second later, and nobody waits for it any more.'
  },
  {
    file: 'src/core/holding.ts',
    from: "'lost'",
    to: '""',
    reason: 'Only `taken` and `full` are told apart here; for all else the disk is tried again later.'
  },
  {
    file: 'src/core/holding.ts',
    from: "'silent'",
    to: '""',
    reason: 'Words for developers, which nobody is shown.'
  },
  {
    file: 'src/storage/late.ts',
    from: "'not there yet'",
    to: '""',
    reason: 'Words for developers, which nobody is shown.'
  },
  {
    file: 'src/storage/claim.ts',
    from: 'Number(value) > (numberIn(there, key) ?? 0)',
    to: 'Number(value) >= (numberIn(there, key) ?? 0)',
    reason: 'Writes the number that is there once more, and only if it is still the same.'
  },
  {
    file: 'src/core/holding.ts',
    from: "note.type === 'ask'",
    to: 'true',
    reason: 'No other note has a name.'
  },
  {
    file: 'src/core/holding.ts',
    from: 'before',
    to: 'true',
    reason:
      'What has left in another tab has left, whether the disk works here or not; it is forgotten after the next failure.'
  },
  {
    file: 'src/core/holding.ts',
    from: 'end.signal.aborted || !before',
    to: 'false',
    reason: 'It is only tried while the disk fails, and one that is closed gives no answer before it is given up.'
  },
  {
    file: 'src/core/holding.ts',
    from: 'end.signal.aborted || !before',
    to: 'end.signal.aborted && !before',
    reason: 'It is only tried while the disk fails, and one that is closed gives no answer before it is given up.'
  },
  {
    file: 'src/core/holding.ts',
    from: '!end.signal.aborted',
    to: 'true',
    reason: 'What is tried after it was closed ends at once.'
  },
  {
    file: 'src/core/holding.ts',
    from: '[]',
    to: '["Stryker was here"]',
    reason: 'It is no key of the outbox, and where no row is found only the second part is asked for.'
  },
  {
    file: 'src/core/inbox.ts',
    from: '/^(message|session|receipt)$/',
    to: '/(message|session|receipt)$/',
    reason:
      'No kind of event that is stored ends or begins so; one of the future is passed over, whether more is loaded for it or not.'
  },
  {
    file: 'src/core/inbox.ts',
    from: '/^(message|session|receipt)$/',
    to: '/^(message|session|receipt)/',
    reason:
      'No kind of event that is stored ends or begins so; one of the future is passed over, whether more is loaded for it or not.'
  },
  {
    file: 'src/core/link.ts',
    from: "'no network'",
    to: '""',
    reason: 'For developers to read. What is done about it goes by the code.'
  },
  {
    file: 'src/core/reconcile.ts',
    from: 'there.filter(inLane)',
    to: 'there',
    reason: 'A number too high among those that are in order only: which number each gets is found later.'
  },
  {
    file: 'src/core/reconcile.ts',
    from: 'next.get(id)?.value',
    to: 'next.get(id).value',
    reason: 'Each row that is held is in there until it is its turn, which comes once.'
  },
  {
    file: 'src/core/reconcile.ts',
    from: "kind === 'lane'",
    to: 'true',
    reason: 'No other row with a number in its key has the id of a command for its value.'
  },
  {
    file: 'src/core/reconcile.ts',
    from: "'this is the database of another device'",
    to: '""',
    reason: 'Words for developers. What is decided by is the code, which stays.'
  },
  {
    file: 'src/core/reconcile.ts',
    from: "key[0] === 'message'",
    to: 'true',
    reason:
      'No other row has the id of a command that waits, but for the session of a chat that was asked for: that was done, and offering it again has no second effect.'
  },
  {
    file: 'src/core/reconcile.ts',
    from: '[]',
    to: '["Stryker was here"]',
    reason: 'No command has this id, and of a pair that is missing only the later parts are asked for.'
  },
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
    file: 'src/core/sending.ts',
    from: 'row.command.n < found.command.n',
    to: 'row.command.n <= found.command.n',
    reason: 'A row lies under its lane and number: no two of one lane have the same.'
  },
  {
    file: 'src/core/standby.ts',
    from: 'nextDelay(LONG) > SCAN / 2',
    to: 'nextDelay(LONG) >= SCAN / 2',
    reason: 'One of two halves of a random time, whichever the middle belongs to.'
  },
  {
    file: 'src/core/threads.ts',
    from: 'a.id < b.id',
    to: 'a.id <= b.id',
    reason: 'No two threads have one name.'
  },
  {
    file: 'src/storage/claim.ts',
    from: '[]',
    to: '["Stryker was here"]',
    reason: 'A text in the place of a row has no value either: nobody has signed in.'
  },
  {
    file: 'src/storage/claim.ts',
    from: "'id'",
    to: '""',
    reason: 'A name for people: what counts is the id behind it, and that there is a part before it.'
  },
  {
    file: 'src/storage/idb.ts',
    from: '[]',
    to: '["Stryker was here"]',
    reason: 'Any list sorts behind all numbers and strings, and keys are made of nothing else.'
  },
  {
    file: 'src/storage/idb.ts',
    from: '/^(Storage|DataClone)Error$/',
    to: '/(Storage|DataClone)Error$/',
    reason: 'No error that a browser gives has such a name with more before it.'
  },
  {
    file: 'src/storage/idb.ts',
    from: '/^(Storage|DataClone)Error$/',
    to: '/^(Storage|DataClone)Error/',
    reason: 'No error that a browser gives has such a name with more behind it.'
  },
  {
    file: 'src/storage/keys.ts',
    from: 'x < y',
    to: 'x <= y',
    reason: 'Two parts that are the same are not compared here.'
  }
]

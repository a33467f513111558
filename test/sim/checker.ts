import {
  acknowledgedStays,
  atMostOnce,
  denseOrder,
  failedMeansFailed,
  newEpoch,
  noInvention,
  noLoss,
  onePlace,
  senderOrder
} from './checks/commits.ts'
import { cursorHonest, everybodyHasAll } from './checks/cursors.ts'
import { isolation, oneDefaultThread, sessionContinues, singleWriter } from './checks/devices.ts'
import { noLoops, nothingBreaks, nothingGrows, outboxEmpties } from './checks/liveness.ts'
import { editsWin, gapShown, readsRise, shownOnce, stableOrder, statesRise } from './checks/screens.ts'
import { degradationShown, draftKept } from './checks/storage.ts'
import { type Check, createStory, type Violation } from './checks/story.ts'
import type { History } from './history.ts'

export type { Violation } from './checks/story.ts'

/** What is promised, by the names that HISTORY.md gives it. */
export const CHECKS: Readonly<Record<string, Check>> = {
  I0: nothingBreaks,
  I1: noLoss,
  I2: noInvention,
  I3: atMostOnce,
  I4: onePlace,
  I5: shownOnce,
  I6: denseOrder,
  I7: senderOrder,
  I8: stableOrder,
  I9: cursorHonest,
  I10: gapShown,
  I11: acknowledgedStays,
  I12: newEpoch,
  I13: statesRise,
  I14: readsRise,
  I15: editsWin,
  I16: singleWriter,
  I17: isolation,
  I18: sessionContinues,
  I19: oneDefaultThread,
  I20: degradationShown,
  I21: draftKept,
  I22: failedMeansFailed,
  I23: outboxEmpties,
  I24: everybodyHasAll,
  I25: noLoops,
  I26: nothingGrows
}

/** Everything in this history that should not be. Looks at nothing but the events it is given. */
export function check(history: History): readonly Violation[] {
  const story = createStory(history)
  return Object.entries(CHECKS).flatMap(([id, one]) => [...one(story)].map(found => ({ id, ...found })))
}

import type { Op, Plan } from './plan.ts'

/**
 * A smaller plan that still fails: without each op that is not needed, with less time in between and fewer tabs.
 *
 * @param fails Whether a plan fails as the first one did.
 * @param most How often to try.
 */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>, most: number): Promise<Plan> {
  let best = plan
  let left = most
  const better = async (next: Plan) => {
    if (left <= 0) return false
    left--
    if (!(await fails(next))) return false
    best = next
    return true
  }

  // Delta debugging: large parts first, single ops in the end.
  for (let size = Math.ceil(best.ops.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.ops.length; ) {
      const ops = [...best.ops.slice(0, from), ...best.ops.slice(from + size)]
      if (!(await better({ ...best, ops }))) from += size
    }
  }
  for (const [i, tabs] of best.browsers.entries()) {
    for (let fewer = 1; fewer < tabs; fewer++) {
      if (await better({ ...best, browsers: best.browsers.with(i, fewer) })) break
    }
  }
  for (let i = 0; i < best.ops.length; i++) {
    for (const simpler of simplerThan(best.ops[i]!)) {
      if (await better({ ...best, ops: best.ops.with(i, simpler) })) break
    }
  }
  return best
}

function simplerThan(op: Op): readonly Op[] {
  const waits = [0, 50, 1000, 10_000].filter(after => after < op.after).map(after => ({ ...op, after }))
  return op.do === 'send' && op.times > 1 ? [{ ...op, times: 1 }, ...waits] : waits
}

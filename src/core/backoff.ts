/**
 * How long to wait before attempt `n` (0 is the first after a loss), in milliseconds: full jitter, so that a thousand
 * clients of a restarted server do not come back in one moment.
 *
 * The first wait is spread over two seconds, the next ones over 0.5 s · 2ⁿ, at most 30 s; never under 100 ms.
 * See "Exponential Backoff And Jitter", Amazon Architecture Blog, 2015.
 */
export function nextDelay(n: number, random: () => number = Math.random): number {
  const most = n === 0 ? 2000 : Math.min(30_000, 500 * 2 ** n)
  return Math.max(100, random() * most)
}

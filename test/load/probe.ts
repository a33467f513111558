import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process says about itself. */
export interface Sample {
  /** Processor time since its start, in milliseconds. */
  readonly cpu: number
  /** Resident memory in bytes, after collecting garbage. */
  readonly memory: number
  /** How late its event loop was since the last sample, 99th percentile in milliseconds. */
  readonly lag: number
}

/** How often the loop is looked at, in milliseconds; what is later than this is lag. */
const RESOLUTION = 5

/** Watches the process it is called in. Memory is only sure with `--expose-gc`. */
export function createProbe(): () => Sample {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  return () => {
    const lag = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION)
    const { user, system } = process.cpuUsage()
    globalThis.gc?.()
    const memory = process.memoryUsage.rss()
    delay.reset()
    return { cpu: (user + system) / 1000, memory, lag }
  }
}

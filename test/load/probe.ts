import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process says about itself. */
export interface Probe {
  sample(): Sample
  /** Resident memory in bytes, after collecting garbage; only sure with `--expose-gc`. Stops everything for a moment. */
  memory(): number
}

export interface Sample {
  /** Processor time since its start, in milliseconds. */
  readonly cpu: number
  /** How late its event loop was since the last sample, 99th percentile in milliseconds. */
  readonly lag: number
}

/** How often the loop is looked at, in milliseconds; what is later than this is lag. */
const RESOLUTION = 5

/** Watches the process it is called in. */
export function createProbe(): Probe {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  return {
    sample() {
      const lag = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION)
      const { user, system } = process.cpuUsage()
      delay.reset()
      return { cpu: (user + system) / 1000, lag }
    },
    memory() {
      globalThis.gc?.()
      return process.memoryUsage.rss()
    }
  }
}

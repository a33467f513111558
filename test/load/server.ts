/** The reference server as `main.ts` starts it, with the limits of `LIMITS` (JSON) and a probe inside. */
import { openStore, readEnvironment } from '../../demo/server/environment.ts'
import { createServer } from '../../demo/server/server.ts'
import { serve } from './child.ts'
import { createProbe } from './probe.ts'

const { options, where } = readEnvironment(process.env)
const server = await createServer({
  ...options,
  store: await openStore(where),
  limits: { ...options.limits, ...JSON.parse(process.env.LIMITS ?? '{}') }
})

const probe = createProbe()
const jobs = {
  port: (_: null) => server.port,
  sample: (_: null) => probe.sample(),
  memory: (_: null) => probe.memory(),
  close: (_: null) => server.close()
}
export type ServerJobs = typeof jobs
serve(jobs)

import { openStore, readEnvironment } from './environment.ts'
import { openFolder } from './files/shelf.ts'
import { createServer } from './server.ts'

const STOP_WITHIN = 3000

try {
  const { options, where, files } = readEnvironment(process.env)
  const store = await openStore(where)
  const server = await createServer({ ...options, store, shelf: openFolder(files) })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      setTimeout(() => {
        console.error('the server did not stop in time; what was acknowledged is kept')
        process.exit(0)
      }, STOP_WITHIN - 200).unref()
      server.close().then(
        () => process.exit(0),
        error => {
          console.error(`the server did not stop well: ${error instanceof Error ? error.message : error}`)
          process.exit(1)
        }
      )
    })
  }

  const passwords = new Map(server.madeUp.map(({ email, password }) => [email, password]))

  console.log(`
  The shop    ${server.url}/
  The inbox   ${server.url}/inbox/
${(options.agents ?? []).map(({ email, password }) => `  Sign in as  ${email}   ${words(passwords.get(email), password)}`).join('\n')}
`)
  console.log(`ready ${server.url}`)
} catch (error) {
  console.error(`The server cannot start: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

function words(madeUp: string | undefined, given: string | undefined): string {
  if (madeUp) return `password ${madeUp}   (made up now and shown this once)`
  return given ? 'with the password you set' : 'with the password shown at the first start'
}

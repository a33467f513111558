import { createId } from '../../../src/model/id.ts'
import type { Store } from '../store/store.ts'
import type { Agent } from '../wire/agent-frames.ts'
import { createSecret, hashPassword, hashSecret, isPassword } from './secrets.ts'

/** An agent as the store knows them: `presence` is what they chose, connected or not. */
export type StoredAgent = Agent

export interface NewAgent {
  readonly name: string
  readonly email: string
  /** Made up if it is not given. */
  readonly password?: string | undefined
}

export interface Agents {
  /** Makes those who are not there yet, and sets the passwords that are given. Gives the made-up ones back. */
  invite(agents: readonly NewAgent[]): Promise<readonly { readonly email: string; readonly password: string }[]>
  all(): Promise<readonly StoredAgent[]>
  /** A token for the socket, or `undefined` if e-mail or password is wrong. */
  signIn(email: string, password: string): Promise<{ readonly token: string; readonly agent: StoredAgent } | undefined>
  signOut(token: string): Promise<void>
  /** The ids of those who need no password to come back. */
  signedIn(): Promise<readonly string[]>
  /** Whom a token belongs to, while it is good. */
  whose(token: string): Promise<{ readonly agent: StoredAgent; readonly expiresAt: number } | undefined>
}

const COLUMNS = 'a.id, a.name, a.email, a.picture, a.presence'

export function createAgents(store: Store, tokenLife: number): Agents {
  /** Takes as long as the real check, so that the time does not tell who is there. */
  let nobody: Promise<string> | undefined

  return {
    async invite(agents) {
      const madeUp: { email: string; password: string }[] = []
      for (const { name, email, password } of agents) {
        const [known] = await store.query<{ id: string; password: string }>(
          'SELECT id, password FROM agents WHERE email = $1',
          [fold(email)]
        )
        if (known) {
          if (password === undefined || (await isPassword(password, known.password))) continue
          // A password that was changed signs everybody out who knew the old one.
          const hash = await hashPassword(password)
          await store.transaction(async tx => {
            await tx.query('UPDATE agents SET password = $2 WHERE id = $1', [known.id, hash])
            await tx.query('DELETE FROM agent_tokens WHERE agent_id = $1', [known.id])
          })
          continue
        }
        const chosen = password ?? createSecret().slice(0, 16)
        await store.query('INSERT INTO agents (id, name, email, password, since) VALUES ($1, $2, $3, $4, $5)', [
          createId(),
          name,
          fold(email),
          await hashPassword(chosen),
          Date.now()
        ])
        if (password === undefined) madeUp.push({ email, password: chosen })
      }
      return madeUp
    },

    all: () => store.query<StoredAgent>(`SELECT ${COLUMNS} FROM agents a ORDER BY a.since, a.id`),

    async signIn(email, password) {
      const [row] = await store.query<StoredAgent & { password: string }>(
        `SELECT ${COLUMNS}, a.password FROM agents a WHERE a.email = $1`,
        [fold(email)]
      )
      nobody ??= hashPassword(createSecret())
      const right = await isPassword(password, row?.password ?? (await nobody))
      if (!row || !right) return undefined
      const { password: _, ...agent } = row
      const token = createSecret()
      await store.query('DELETE FROM agent_tokens WHERE expires_at < $1', [Date.now()])
      await store.query('INSERT INTO agent_tokens (hash, agent_id, expires_at) VALUES ($1, $2, $3)', [
        hashSecret(token),
        agent.id,
        Date.now() + tokenLife
      ])
      return { token, agent }
    },

    async signOut(token) {
      await store.query('DELETE FROM agent_tokens WHERE hash = $1', [hashSecret(token)])
    },

    async signedIn() {
      const rows = await store.query<{ agent_id: string }>(
        'SELECT DISTINCT agent_id FROM agent_tokens WHERE expires_at > $1',
        [Date.now()]
      )
      return rows.map(({ agent_id }) => agent_id)
    },

    async whose(token) {
      const [row] = await store.query<StoredAgent & { expires_at: number }>(
        `SELECT ${COLUMNS}, t.expires_at FROM agent_tokens t JOIN agents a ON a.id = t.agent_id
         WHERE t.hash = $1 AND t.expires_at > $2`,
        [hashSecret(token), Date.now()]
      )
      if (!row) return undefined
      const { expires_at, ...agent } = row
      return { agent, expiresAt: expires_at }
    }
  }
}

/** E-mail addresses are typed with and without capitals. */
const fold = (email: string) => email.trim().toLowerCase()

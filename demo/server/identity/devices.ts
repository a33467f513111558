import { createId } from '../../../src/model/id.ts'
import type { Write, Writing } from '../conversations/writing.ts'
import { hashSecret } from './secrets.ts'
import type { Proof } from './visitors.ts'

/** A browser that said `hello`. */
export interface Device {
  /** Hash of its secret: names it everywhere behind the wire. */
  readonly hash: string
  readonly visitorId: string
}

export interface Hello {
  readonly secret: string
  readonly term: number
  readonly locale: string
  readonly zone: string
  /** Who is behind it, if that was proved. */
  readonly proof?: Proof | undefined
}

/** Why a browser is not let in. */
export interface Refused {
  readonly code: 'unauthorized' | 'forbidden'
  readonly problem: string
  /** For the client: `forgotten`, if it was signed out. */
  readonly reason?: string
}

export interface Devices {
  /**
   * The device of this secret, made with a visitor of its own if it is new. A proof makes it the verified visitor's,
   * with everything that was said from it. `fenced`: a newer tab took over.
   */
  greet(hello: Hello): Promise<Device | Refused | 'fenced'>
  /** Whose device this is, for a request beside its connection; nothing is made or changed. */
  whose(secret: string, proof: Proof | undefined): Promise<Device | Refused>
  /** The visitor of this subject, if they were here before. */
  visitorOf(subject: string): Promise<string | undefined>
  /** Signs out: neither the device nor the token it showed counts for anything from here on. */
  forget(hash: string, proof: Proof | undefined): Promise<void>
}

/** Makes everything that was said by one visitor another one's, both of whom the transaction has locked. */
export type Move = (w: Writing, from: string, to: string) => Promise<void>

export function createDevices(write: Write, move: Move): Devices {
  return {
    greet: hello =>
      write(async w => {
        const { proof, term } = hello
        if (proof && (await isRevoked(w, proof))) return refuse('unauthorized', 'token: was signed out')
        const hash = hashSecret(hello.secret)
        const device = (await find(w, hash)) ?? (await make(w, hash, hello))
        if (device.forgotten_at !== null) {
          return { ...refuse('forbidden', 'device: was signed out; expected a new one'), reason: 'forgotten' }
        }
        if (device.term > term) return 'fenced'
        // Verified words are never within reach of the device alone.
        if (device.subject !== null && !proof) {
          return refuse('unauthorized', 'token: expected one, because a visitor is signed in in this browser')
        }
        if (device.subject !== null && device.subject !== proof?.subject) {
          return refuse('forbidden', 'token: another visitor is signed in in this browser')
        }
        if (device.term < term) await w.query('UPDATE devices SET term = $2 WHERE hash = $1', [hash, term])
        const visitorId = proof ? await signIn(w, device, proof) : device.visitor_id
        await describe(w, visitorId, hello)
        return { hash, visitorId }
      }),

    whose: (secret, proof) =>
      write(async w => {
        const hash = hashSecret(secret)
        const device = await find(w, hash)
        const isTheirs = device?.subject === null || device?.subject === proof?.subject
        if (!device || device.forgotten_at !== null || !isTheirs || (proof && (await isRevoked(w, proof)))) {
          return refuse('unauthorized', 'device: expected one that is connected, with the token it showed there')
        }
        return { hash, visitorId: device.visitor_id }
      }),

    visitorOf: subject =>
      write(async w => {
        const [row] = await w.query<{ visitor_id: string }>('SELECT visitor_id FROM verified WHERE subject = $1', [
          subject
        ])
        return row?.visitor_id
      }),

    forget: (hash, proof) =>
      write(async w => {
        await w.query('UPDATE devices SET forgotten_at = $2 WHERE hash = $1', [hash, w.at])
        if (proof) await revoke(w, proof)
        w.tell('forgotten', { device: hash, token: proof?.token ?? null })
      })
  }

  /** Makes the device the verified visitor's. Gives that visitor's id. */
  async function signIn(w: Writing, device: DeviceRow, { subject, name, email }: Proof): Promise<string> {
    // Of two browsers that sign in for the first time at once, the second waits here for the first.
    await w.query(
      `INSERT INTO verified (subject, visitor_id, name, email, since) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (subject) DO UPDATE SET name = excluded.name, email = excluded.email
       WHERE (verified.name, verified.email) IS DISTINCT FROM (excluded.name, excluded.email)`,
      [subject, device.visitor_id, name, email, w.at]
    )
    const [known] = await w.query<{ visitor_id: string }>('SELECT visitor_id FROM verified WHERE subject = $1', [
      subject
    ])
    const visitorId = known!.visitor_id
    if (device.subject === null) {
      if (visitorId !== device.visitor_id) await join(w, device, visitorId)
      w.tell('signed-in', { device: device.hash, subject })
    }
    const changed = await w.query(
      `UPDATE visitors SET name = COALESCE(NULLIF($2, ''), name), email = COALESCE(NULLIF($3, ''), email)
       WHERE id = $1 AND ((name <> $2 AND $2 <> '') OR (email <> $3 AND $3 <> '') OR $4) RETURNING id`,
      [visitorId, name, email, device.subject === null]
    )
    if (changed.length) w.tell('visit', { visitorId })
    return visitorId
  }

  /** The anonymous visitor of this device was the verified one all along. */
  async function join(w: Writing, { hash, visitor_id }: DeviceRow, visitorId: string): Promise<void> {
    // In one order, as everybody locks several.
    await w.query('SELECT id FROM visitors WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE', [
      [visitor_id, visitorId]
    ])
    await w.query('UPDATE devices SET visitor_id = $2 WHERE hash = $1', [hash, visitorId])
    await move(w, visitor_id, visitorId)
    await w.query(
      `UPDATE visitors v SET name = CASE WHEN v.name = '' THEN a.name ELSE v.name END,
         email = CASE WHEN v.email = '' THEN a.email ELSE v.email END
       FROM visitors a WHERE v.id = $2 AND a.id = $1`,
      [visitor_id, visitorId]
    )
    await w.query('DELETE FROM visitors WHERE id = $1', [visitor_id])
  }
}

interface DeviceRow {
  readonly hash: string
  readonly visitor_id: string
  readonly term: number
  readonly forgotten_at: number | null
  /** Of the verified visitor it belongs to; `null`: it is whoever holds it. */
  readonly subject: string | null
}

const refuse = (code: Refused['code'], problem: string): Refused => ({ code, problem })

/** Locks the device, so that it becomes somebody's once. */
async function find(w: Writing, hash: string): Promise<DeviceRow | undefined> {
  const [row] = await w.query<DeviceRow>(
    `SELECT d.hash, d.visitor_id, d.term, d.forgotten_at, v.subject
     FROM devices d LEFT JOIN verified v ON v.visitor_id = d.visitor_id
     WHERE d.hash = $1 FOR NO KEY UPDATE OF d`,
    [hash]
  )
  return row
}

async function make(w: Writing, hash: string, { term, locale, zone }: Hello): Promise<DeviceRow> {
  const visitorId = createId()
  await w.query('INSERT INTO visitors (id, locale, zone, since) VALUES ($1, $2, $3, $4)', [
    visitorId,
    locale,
    zone,
    w.at
  ])
  const [made] = await w.query(
    `INSERT INTO devices (hash, visitor_id, term, since) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING hash`,
    [hash, visitorId, term, w.at]
  )
  // Two first connections at once: the other one made it.
  if (!made) await w.query('DELETE FROM visitors WHERE id = $1', [visitorId])
  return (await find(w, hash))!
}

/** What a browser says of itself, the latest of all browsers of a visitor. */
async function describe(w: Writing, visitorId: string, { locale, zone }: Hello): Promise<void> {
  await w.query(
    `UPDATE visitors SET locale = $2, zone = $3
     WHERE id = $1 AND (locale, zone) IS DISTINCT FROM ($2, $3) AND ($2 <> '' OR $3 <> '')`,
    [visitorId, locale, zone]
  )
}

async function isRevoked(w: Writing, { token }: Proof): Promise<boolean> {
  return (await w.query('SELECT 1 FROM revoked_tokens WHERE name = $1', [token])).length > 0
}

async function revoke(w: Writing, { token, expiresAt }: Proof): Promise<void> {
  await w.query('DELETE FROM revoked_tokens WHERE expires_at < $1', [w.at])
  await w.query('INSERT INTO revoked_tokens (name, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    token,
    expiresAt
  ])
}

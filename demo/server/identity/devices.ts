import { createId } from '../../../src/model/id.ts'
import type { Store } from '../store/store.ts'
import { hashSecret } from './secrets.ts'

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
}

export interface Devices {
  /** The device of this secret, made with a visitor of its own if it is new; `fenced`: a newer tab took over. */
  greet(hello: Hello): Promise<Device | 'fenced'>
}

export function createDevices(store: Store): Devices {
  return {
    greet: ({ secret, term, locale, zone }) =>
      store.transaction(async tx => {
        const hash = hashSecret(secret)
        const find = async () => {
          const [row] = await tx.query<{ visitor_id: string; term: number }>(
            'SELECT visitor_id, term FROM devices WHERE hash = $1 FOR UPDATE',
            [hash]
          )
          return row
        }
        const known = await find()
        if (known && known.term > term) return 'fenced'
        if (known) {
          if (known.term < term) await tx.query('UPDATE devices SET term = $2 WHERE hash = $1', [hash, term])
          await tx.query(
            `UPDATE visitors SET locale = $2, zone = $3
             WHERE id = $1 AND (locale, zone) IS DISTINCT FROM ($2, $3) AND ($2 <> '' OR $3 <> '')`,
            [known.visitor_id, locale, zone]
          )
          return { hash, visitorId: known.visitor_id }
        }
        const visitorId = createId()
        await tx.query('INSERT INTO visitors (id, locale, zone, since) VALUES ($1, $2, $3, $4)', [
          visitorId,
          locale,
          zone,
          Date.now()
        ])
        const [made] = await tx.query(
          `INSERT INTO devices (hash, visitor_id, term, since) VALUES ($1, $2, $3, $4)
           ON CONFLICT DO NOTHING RETURNING hash`,
          [hash, visitorId, term, Date.now()]
        )
        if (made) return { hash, visitorId }
        // Two first connections at once: the other one made it.
        await tx.query('DELETE FROM visitors WHERE id = $1', [visitorId])
        const other = await find()
        return other && other.term <= term ? { hash, visitorId: other.visitor_id } : 'fenced'
      })
  }
}

import type { Rows } from './rows.ts'

/**
 * Ends this life, of whoever was here: drops all rows there are, and begins another one. Nothing, if it is over.
 *
 * @throws {Error} Also if another tab did it, of which this one has not heard.
 */
export async function empty(rows: Rows, life: number | undefined): Promise<void> {
  if (rows.life() === life) await rows.commit([{ drop: [] }, { put: ['life'], value: (life ?? 0) + 1 }])
}

import type { Rows } from './rows.ts'

/**
 * Ends the life of whoever was here: drops all rows there are, and begins another one.
 *
 * @throws {Error} Also if another tab did it.
 */
export async function empty(rows: Rows): Promise<void> {
  await rows.commit([{ drop: [] }, { put: ['life'], value: (rows.life() ?? 0) + 1 }])
}

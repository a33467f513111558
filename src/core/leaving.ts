import type { Rows } from './rows.ts'

/** Ends the life of whoever was here: drops all rows there are, and begins another one. */
export async function empty(rows: Rows): Promise<void> {
  const life = rows.life()
  try {
    await rows.commit([{ drop: [] }, { put: ['life'], value: (life ?? 0) + 1 }])
  } catch (error) {
    // Unless another tab did it.
    if (rows.life() === life) throw error
  }
}

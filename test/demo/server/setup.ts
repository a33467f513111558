import { ensurePostgres } from '../../support/postgres.ts'

/** Before the files, two of which at a time could not install it. */
export default function setup(): void {
  try {
    ensurePostgres()
  } catch {
    // Those that need it say so.
  }
}

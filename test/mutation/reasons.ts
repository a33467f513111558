/** A change that no test notices, and why that is no defect. */
interface Reason {
  readonly file: string
  /** As `npm run mutate` prints it. */
  readonly from: string
  readonly to: string
  readonly reason: string
}

export const REASONS: readonly Reason[] = []

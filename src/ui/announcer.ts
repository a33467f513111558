/** What reaches ears: see `panel/live-region.ts`. */
export interface Announcer {
  /** Has a screen reader say this. Never what was just said in the same words: readers drop repeats. */
  say(text: string): void
  /** For what failed: interrupts. */
  alert(text: string): void
}

import { atom, type ReadableAtom } from 'nanostores'
import { createId } from '../../src/model/id.ts'

/** Short sentences to the agent: on the screen for a while, and to a screen reader. */
export interface Notes {
  readonly $notes: ReadableAtom<readonly Note[]>
  /** What the live region says. */
  readonly $spoken: ReadableAtom<string>
  /** Shows and speaks. */
  say(text: string, action?: Note['action']): void
  /** Speaks only. What comes at once is spoken as one. */
  speak(text: string): void
  dismiss(id: string): void
  close(): void
}

interface Note {
  readonly id: string
  readonly text: string
  readonly action: { readonly label: string; run(): void } | undefined
}

const SHOWN_FOR = 8000
/** Long enough to gather a burst, short enough to be heard as an answer. */
const GATHER_FOR = 150
const SPOKEN_FOR = 5000

export function createNotes(): Notes {
  const $notes = atom<readonly Note[]>([])
  const $spoken = atom('')
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let gathered: string[] = []

  function later(run: () => void, wait: number) {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, wait)
    timers.add(timer)
  }

  function speak(text: string) {
    gathered.push(text)
    if (gathered.length > 1) return
    later(() => {
      const said = gathered.length > 3 ? `${gathered.length} new messages` : gathered.join('. ')
      gathered = []
      $spoken.set(said)
      // An emptied region speaks again when the same sentence comes twice.
      later(() => $spoken.get() === said && $spoken.set(''), SPOKEN_FOR)
    }, GATHER_FOR)
  }

  function dismiss(id: string) {
    $notes.set($notes.get().filter(note => note.id !== id))
  }

  return {
    $notes,
    $spoken,
    say(text, action) {
      const note = { id: createId(), text, action }
      $notes.set([...$notes.get().slice(-2), note])
      later(() => dismiss(note.id), SHOWN_FOR)
      speak(text)
    },
    speak,
    dismiss,
    close() {
      for (const timer of timers) clearTimeout(timer)
    }
  }
}

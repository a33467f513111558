import { atom, type ReadableAtom } from 'nanostores'
import type { Shelf } from '../shelf.ts'

/** What an agent chose for this browser. */
export interface Preferences {
  /** Single keys do something while nobody is typing. */
  readonly shortcuts: boolean
  /** Two notes when somebody waits for a live chat. */
  readonly sound: boolean
  /** The pane about the visitor is shown, where there is room for three. */
  readonly details: boolean
}

export interface PreferenceStore {
  readonly $preferences: ReadableAtom<Preferences>
  set(change: Partial<Preferences>): void
}

const DEFAULTS: Preferences = { shortcuts: true, sound: true, details: true }

export function createPreferences(shelf: Shelf): PreferenceStore {
  const stored = (shelf.get('preferences') ?? {}) as Partial<Record<keyof Preferences, unknown>>
  const pick = (name: keyof Preferences) => {
    const value = stored[name]
    return typeof value === 'boolean' ? value : DEFAULTS[name]
  }
  const $preferences = atom<Preferences>({
    shortcuts: pick('shortcuts'),
    sound: pick('sound'),
    details: pick('details')
  })
  return {
    $preferences,
    set(change) {
      $preferences.set({ ...$preferences.get(), ...change })
      shelf.put('preferences', $preferences.get())
    }
  }
}

import { atom, computed, type ReadableAtom } from 'nanostores'
import type { Agent, OpeningView, Presence, Settings } from '../server/wire/agent-frames.ts'
import type { Outcome } from './commands.ts'
import type { Welcome } from './link.ts'

/** Who answers here, and whether the house is open. */
export interface Team {
  readonly $me: ReadableAtom<Agent>
  readonly $agents: ReadableAtom<readonly Agent[]>
  /** `undefined` until the server said so. */
  readonly $settings: ReadableAtom<Settings | undefined>
  /** Whether it is within the hours; `null`: there are none. */
  readonly $opening: ReadableAtom<OpeningView | null>
  /** Whether a visitor who comes now is offered a live chat. */
  readonly $lit: ReadableAtom<boolean>
  welcome(frame: Welcome): void
  agents(agents: readonly Agent[]): void
  settings(settings: Settings): void
  opening(opening: OpeningView | null): void
  /** Shows the choice at once, and takes it back if it is refused. */
  choosePresence(presence: Presence, answer: Promise<Outcome>): Promise<Outcome>
  /** As with presence. */
  chooseSettings(settings: Settings, answer: Promise<Outcome>): Promise<Outcome>
  nameOf(id: string | null): string | undefined
}

export function createTeam(agent: Agent): Team {
  const $me = atom<Agent>(agent)
  const $agents = atom<readonly Agent[]>([agent])
  const $settings = atom<Settings | undefined>(undefined)
  const $opening = atom<OpeningView | null>(null)
  const $lit = computed(
    [$settings, $opening, $agents],
    (settings, opening, agents) =>
      settings?.open === true && opening?.open !== false && agents.some(({ presence }) => presence === 'online')
  )

  function agents(list: readonly Agent[]) {
    $agents.set(list)
    const me = list.find(({ id }) => id === agent.id)
    if (me) $me.set(me)
  }

  function showPresence(presence: Presence) {
    agents($agents.get().map(one => (one.id === agent.id ? { ...one, presence } : one)))
  }

  return {
    $me,
    $agents,
    $settings,
    $opening,
    $lit,
    welcome(frame) {
      $me.set(frame.me)
      agents(frame.agents)
      $settings.set(frame.settings)
      $opening.set(frame.opening)
    },
    agents,
    settings: settings => $settings.set(settings),
    opening: opening => $opening.set(opening),
    async choosePresence(presence, answer) {
      const before = $me.get().presence
      showPresence(presence)
      const outcome = await answer
      if (!outcome.ok && $me.get().presence === presence) showPresence(before)
      return outcome
    },
    async chooseSettings(settings, answer) {
      const before = $settings.get()
      $settings.set(settings)
      const outcome = await answer
      if (!outcome.ok && $settings.get() === settings) $settings.set(before)
      return outcome
    },
    nameOf: id => $agents.get().find(one => one.id === id)?.name
  }
}

import { atom, type ReadableAtom } from 'nanostores'
import type { Agent, Presence, Settings } from '../server/wire/agent-frames.ts'
import type { Outcome } from './commands.ts'
import type { Welcome } from './link.ts'

/** Who answers here, and whether the house is open. */
export interface Team {
  readonly $me: ReadableAtom<Agent>
  readonly $agents: ReadableAtom<readonly Agent[]>
  /** `undefined` until the server said so. */
  readonly $settings: ReadableAtom<Settings | undefined>
  welcome(frame: Welcome): void
  agents(agents: readonly Agent[]): void
  settings(settings: Settings): void
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
    welcome(frame) {
      $me.set(frame.me)
      agents(frame.agents)
      $settings.set(frame.settings)
    },
    agents,
    settings: settings => $settings.set(settings),
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

/** Whether a visitor who comes now is offered a live chat. */
export function isLit(settings: Settings | undefined, agents: readonly Agent[]): boolean {
  return settings?.open === true && agents.some(({ presence }) => presence === 'online')
}

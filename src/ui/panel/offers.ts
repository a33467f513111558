import type { Availability } from '../../model/availability.ts'
import type { Look } from '../look.ts'

/** What a visitor can be offered at this moment. There is always one of both: never a dead end. */
export function offersOf(
  mode: Look['mode'],
  availability: Availability | undefined,
  sessions = true
): { readonly chat: boolean; readonly message: boolean } {
  const chat = mode !== 'messages' && sessions && availability?.open === true
  return { chat, message: mode !== 'live' || !chat }
}

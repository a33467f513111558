import type { Availability } from '../../model/availability.ts'
import type { Look } from '../look.ts'
import { useAround } from './around.ts'
import { late } from './late.ts'
import { useStore } from './use-store.ts'

/**
 * What a visitor can be offered at this moment. There is always one of both: never a dead end. A site may choose other
 * ways instead of messages: see `away.instead`.
 */
export function offersOf(
  mode: Look['mode'],
  availability: Availability | undefined,
  sessions = true
): { readonly chat: boolean; readonly message: boolean } {
  const chat = mode !== 'messages' && sessions && !!availability?.open
  return { chat, message: mode !== 'live' || !chat }
}

/** What is needed while nobody is home. */
export const useAway = late(() => import('./away/index.tsx'))

/**
 * The offers of now, who is home (`undefined` while that is not known), when an answer comes, in words, and what is asked
 * before a conversation.
 */
export function useOffers() {
  const { chat, look, words, times } = useAround()
  const { state, capabilities } = useStore(chat.$link)
  const said = useStore(chat.$availability)
  // Without a connection, what was last said about who is home may long be untrue.
  const online = state === 'online'
  const availability = online ? said : undefined
  const after = availability?.replyAfter
  const away = useAway(look.channels || availability?.open === false)
  const reply = availability?.opensAt
    ? away?.backAt(availability, words)
    : after != null && words.t('reply', { time: times.span(after) })
  return {
    online,
    availability,
    form: said?.form,
    away,
    reply,
    ...offersOf(look.mode, availability, capabilities?.sessions),
    ...away?.instead(look, said, words)
  }
}

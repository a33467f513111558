import type { ChatOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import type { Consent } from './model/consent.ts'
import type { OnPage } from './mount-chat.ts'
import type { Parts } from './on-page.ts'
import { ladder } from './storage/consent.ts'

/**
 * As `openStandby`, for a chat that keeps as much as the visitor allows, and may be told to keep more or less.
 *
 * @param onPage What opens one that does not; given, because it is there already.
 * @param name Of its database.
 */
export async function openWithConsent(
  options: ChatOptions & Parts & { readonly consent: Consent },
  { openPlace, openStandby }: Pick<OnPage, 'openPlace' | 'openStandby'>,
  name: string
): Promise<Standby> {
  const { consent, storage } = options
  const rungs = await ladder(consent, {
    name,
    given: storage,
    open: () => openPlace(options)
  })
  const standby = await openStandby(options, Promise.resolve({ storage: rungs.storage, tabs: rungs.tabs }))
  return { ...standby, consent: rungs.consent(standby.wires.rows.commit) }
}

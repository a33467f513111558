import type { Availability } from '../../../model/availability.ts'
import type { Form } from '../../../model/form.ts'
import type { Look } from '../../look.ts'
import type { Words } from '../../strings.ts'
import { readChannels } from './channels.ts'

/**
 * What is offered instead while nobody is home, by the choice of the site: a note through a form, if the backend asks
 * nothing itself; or other ways and no message, if there are any.
 *
 * @param said What was last said about who is home: a form stays where the connection is lost.
 */
export function instead(
  { offline, channels }: Look,
  said: Availability | undefined,
  words: Words
): { readonly form?: Form; readonly message?: false } {
  if (said?.open !== false) return {}
  if (offline === 'form' && !said.form) return { form: note(words) }
  return offline === 'channels' && hasWays(channels) ? { message: false } : {}
}

const note = ({ t }: Words): Form => ({
  fields: [
    { name: 'name', label: t('noteName'), kind: 'text' },
    { name: 'email', label: t('noteEmail'), kind: 'email', required: true, hint: t('noteHint') },
    { name: 'message', label: t('noteMessage'), kind: 'long', required: true }
  ],
  submit: t('noteSend')
})

function hasWays(channels: Look['channels']): boolean {
  try {
    return readChannels(channels).length > 0
  } catch {
    // Said on the console where they would be shown.
    return false
  }
}

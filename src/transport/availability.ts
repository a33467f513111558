import type { Availability } from '../model/availability.ts'
import type { AskAvailability } from './transport.ts'

/**
 * Asks the reference server over plain HTTP whether somebody is home.
 *
 * @param server Base address of the API, such as `https://chat.example/api`.
 */
export function askAvailability(server: string): AskAvailability {
  return async signal => {
    const value = await (await fetch(`${server}/availability`, { signal, credentials: 'omit' })).json()
    // A proxy's page, an error or another service must not switch the light on.
    if (typeof value.open !== 'boolean') throw new Error('no answer')
    return value as Availability
  }
}

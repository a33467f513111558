import type { Availability } from '../model/availability.ts'
import type { AskAvailability } from './transport.ts'

/**
 * Asks the reference server over plain HTTP whether somebody is home.
 *
 * @param server Base address of the API, such as `https://chat.example/api`.
 */
export function askAvailability(server: string): AskAvailability {
  return async signal => {
    const response = await fetch(`${server}/availability`, {
      signal,
      credentials: 'omit',
      referrerPolicy: 'no-referrer'
    })
    if (!response.ok) throw new Error(`availability: HTTP ${response.status}`)
    const value = (await response.json()) as Availability
    // A proxy's page or another service must not switch the light on.
    if (typeof value?.open !== 'boolean' || !Array.isArray(value.people))
      throw new Error('availability: unknown answer')
    return value
  }
}

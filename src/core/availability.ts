import { atom, type ReadableAtom } from 'nanostores'
import type { Availability } from '../model/availability.ts'

export interface AvailabilityStore {
  readonly $availability: ReadableAtom<Availability | undefined>
  show(availability: Availability): void
}

/** Whether somebody is home, as last heard. */
export function createAvailability(): AvailabilityStore {
  const $availability = atom<Availability | undefined>(undefined)
  return { $availability, show: availability => $availability.set(availability) }
}

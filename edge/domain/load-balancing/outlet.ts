import type { Vehicle } from '../charging/vehicle.ts'
import type { Evse } from '../site/site.ts'
import { type Level, levelOf } from './rows.ts'

/**
 * The most that can come out of an EVSE: its rating, or what its cable's current is at the vehicle's battery voltage.
 * More would be kept free for nothing.
 */
export function outletLevel(evse: Evse, vehicle: Pick<Vehicle, 'batteryV'> | undefined): Level {
  const rating = levelOf(evse.rating)
  if (evse.current === 'ac' || evse.cableA === undefined || vehicle?.batteryV === undefined) return rating
  return Math.min(rating, Math.floor(evse.cableA * vehicle.batteryV))
}

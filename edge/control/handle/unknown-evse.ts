import { evseKey, type StationId } from '@busbar/model/ids.ts'
import type { Depot } from '../depot.ts'

/**
 * Whether a report is of an EVSE that the site does not have; 0 is the station itself. Such numbers come without end
 * from a station that invents them, so they are acknowledged and not kept; one warning for each station says so.
 */
export function isUnknownEvse(depot: Depot, at: { station: StationId; evse: number }): boolean {
  const { station, evse } = at
  if (evse === 0 || depot.setup.site.evses.has(evseKey(station, evse))) return false
  depot.deps.health.raise({
    code: `station.unknown-evse.${station}`,
    severity: 2,
    text: `Station ${station} reports of an EVSE that the configuration does not have; this is not kept`,
  })
  return true
}

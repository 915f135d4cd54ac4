import { DepotError } from '@busbar/model/depot-error.ts'
import { type AddedStation, addedStations } from '../../domain/charging/added-stations.ts'
import { fallbackFaults } from '../../domain/load-balancing/commissioning.ts'
import { wiringOf } from '../../domain/load-balancing/wiring.ts'
import { checkSite, type SiteFault } from '../../domain/site/check-site.ts'
import type { Evse } from '../../domain/site/site.ts'
import { evsesOfStation } from '../../domain/site/station-definition.ts'
import type { Depot, DepotSetup } from '../depot.ts'
import { reserve } from '../reservations.ts'

type Place = Pick<DepotSetup, 'site' | 'stations'>

/** The site of the configuration with these stations in it. */
export function withAdded({ site, stations }: Place, added: readonly AddedStation[]): Place {
  const evses = added.flatMap((each) => evsesOfStation(each.station, each))
  return {
    site: { ...site, evses: new Map([...site.evses, ...evses.map((evse) => [evse.key, evse] as const)]) },
    stations: [...stations, ...added.map(({ station }) => station)],
  }
}

/** Why a site must not be run, as the gate of the configuration says it; empty when it may. */
export function siteFaults({ site }: Place): readonly SiteFault[] {
  const unsound = checkSite(site)
  return unsound.length > 0 ? unsound : fallbackFaults(site)
}

export const inWords = (faults: readonly SiteFault[]): string =>
  faults.map(({ subject, reason }) => `${subject}: ${reason}`).join('; ')

/** Takes up the stations that were added or are gone. Only before a decision, so that its rows stay what they are. */
export function takeUpStations(depot: Depot): void {
  const added = [...depot.memory.table(addedStations).values()]
  if (added.length === depot.added.length && added.every((each, index) => each === depot.added[index])) return
  const before = new Set(depot.setup.stations)
  depot.added = added
  const were = depot.setup.site.evses
  depot.setup = { ...depot.setup, ...withAdded(depot.configured, added) }
  depot.wiring = wiringOf(depot.setup.site, depot.agreed)
  // What was seen of an EVSE was seen where it hung then.
  for (const evse of depot.setup.site.evses.values()) {
    const was = were.get(evse.key)
    if (was !== undefined && hangs(was) !== hangs(evse)) depot.observations.delete(evse.key)
  }
  const now = new Set(depot.setup.stations)
  for (const station of now) {
    if (before.has(station)) continue
    if (!depot.links.has(station)) depot.offlineSince.set(station, depot.monotonic)
    for (const evse of depot.evsesOf(station)) reserve(depot, evse, true)
  }
  for (const station of before) if (!now.has(station)) depot.offlineSince.delete(station)
}

const hangs = ({ circuit, phases, connection }: Evse): string => [circuit, ...phases, connection].join()

/**
 * At start: where the configuration has a station of the same name, that one counts.
 * @throws DepotError `config.invalid` when the added ones do not fit the configuration any more
 */
export function restoreStations(depot: Depot): void {
  const { recorder, configured } = depot
  const rows = [...depot.memory.table(addedStations).values()]
  const doubled = rows.filter(({ station }) => configured.stations.includes(station))
  recorder.note(
    doubled.map(({ station }) =>
      recorder.fact('StationRemoved', { type: 'station', id: station }, { station, cause: 'in-file' }),
    ),
  )
  const left = rows.filter((row) => !doubled.includes(row))
  const faults = left.length === 0 ? [] : siteFaults(withAdded(configured, left))
  if (faults.length > 0) {
    const names = left.map(({ station }) => station).join(', ')
    throw new DepotError(
      'config.invalid',
      `with the stations that were added through the API (${names}): ${inWords(faults)}`,
    )
  }
  takeUpStations(depot)
}

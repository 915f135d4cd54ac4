import { DepotError } from '@busbar/model/depot-error.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { StationRecord } from '../domain/charging/station.ts'
import type { StationCapabilities } from '../domain/inputs.ts'
import { loadStationProfiles } from '../profiles/load-station-profiles.ts'
import type { StationProfiles } from '../profiles/station-profiles.ts'

/**
 * The profiles that come with the product and the depot's own.
 * @throws DepotError `profiles.station-invalid`; `config.profile` when a station is given one that does not exist
 */
export async function stationProfilesFor({
  config,
  stationProfiles,
}: LoadedConfig): Promise<StationProfiles> {
  const profiles = await loadStationProfiles(undefined, stationProfiles)
  const known = new Set(profiles.all.map(({ id }) => id))
  for (const { id, profile } of config.stations)
    if (profile !== undefined && !known.has(profile))
      throw new DepotError('config.profile', `station ${id}: no station profile "${profile}"`)
  return profiles
}

/** What a station can do, by the configuration and what it last said of itself. */
export const capabilitiesBy =
  ({ config }: LoadedConfig, profiles: StationProfiles) =>
  ({ station, vendor, model, firmware }: StationRecord): StationCapabilities => {
    const assigned = config.stations.find(({ id }) => id === station)?.profile ?? null
    const self = { identity: station, vendor: vendor ?? '', model: model ?? '', firmware, assigned }
    return profiles.resolve(self).profile.capabilities
  }

import type { StationId } from '@busbar/model/ids.ts'
import { type Instant, toIso } from '@busbar/units/time.ts'
import { conformanceResults } from '../../domain/charging/conformance/conformance-results.ts'
import { standingOf } from '../../domain/charging/conformance/effective.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { LiveProfile, LiveStation } from '../../domain/live-site.ts'
import type { Depot } from '../depot.ts'

/** Every configured station: what it last said of itself, and whether it is in contact. */
export function liveStations(depot: Depot): LiveStation[] {
  return depot.setup.stations.map((id) => {
    const record = depot.memory.table(stationRecords).get(id)
    const link = depot.links.get(id)
    return {
      id,
      origin: originOf(depot, id),
      online: link !== undefined,
      protocol: link?.protocol ?? null,
      connected_since: isoOrNull(link?.since),
      last_message_at: isoOrNull(depot.lastMessage.get(id)),
      vendor: record?.vendor ?? null,
      model: record?.model ?? null,
      serial: record?.serial ?? null,
      firmware: record?.firmware ?? null,
      station_profile: record?.stationProfile ?? null,
      profile: profileOf(depot, id),
      booted_at: isoOrNull(record?.bootedAt),
      evses: depot.evsesOf(id).map(({ key, evse, label, circuit }) => ({
        ...{ evse, label, circuit },
        conformance: standingOf(depot.memory.table(conformanceResults).get(key), record),
      })),
      connectors: Object.entries(record?.connectors ?? {}).map(([evse, state]) => ({
        evse: Number(evse),
        status: state.status,
        charging_state: state.chargingState,
        error_code: state.errorCode,
        vendor_error: state.vendorError,
        info: state.info,
        since: toIso(state.since),
      })),
    }
  })
}

function originOf(depot: Depot, id: StationId): LiveStation['origin'] {
  const added = depot.added.find(({ station }) => station === id)
  if (added === undefined) return 'file'
  return added.leaving ? 'leaving' : 'added'
}

function profileOf(depot: Depot, station: StationId): LiveProfile | null {
  const matched = depot.matched.get(station)
  if (matched === undefined) return null
  const { matchedBy, quirks, warnings, commissioning, ...rest } = matched
  return {
    ...rest,
    matched_by: matchedBy,
    quirks: quirks.map((quirk) => ({ ...quirk, sources: [...quirk.sources] })),
    warnings: [...warnings],
    commissioning: [...commissioning],
  }
}

const isoOrNull = (at: Instant | null | undefined): string | null => (at == null ? null : toIso(at))

import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import type { LiveSite } from '../../domain/live-site.ts'

export interface SnapshotIdentity {
  readonly epoch: string
  readonly bootId: string
  readonly n: number
  readonly factsHead: number
}

/** Most incidents that a picture carries; `incidents_total` is always right. */
const INCIDENTS = 200

/** The depot's live picture for the fleet cloud. */
export function stateSnapshot(
  live: LiveSite,
  { epoch, bootId, n, factsHead }: SnapshotIdentity,
): StateSnapshot {
  const { power, binding } = live
  return {
    v: 1,
    epoch,
    boot_id: bootId,
    n,
    as_of: live.at,
    clock: live.clock.quality,
    facts_head: factsHead,
    depot: { name: live.depot.name, virtual: live.depot.virtual, time_zone: live.depot.time_zone },
    incidents_total: live.incidents.length,
    incidents: live.incidents.slice(0, INCIDENTS).map(({ id, code, severity, subject, opened_at, text }) => ({
      id,
      code,
      severity,
      subject,
      opened_at,
      text,
    })),
    site: {
      import_w: power.import_w,
      building_w: power.building_w,
      vehicles_w: power.vehicles_w,
      held_w: power.held_w,
      limit_w: power.limit_w,
      headroom_w: power.headroom_w,
      binding: binding === null ? null : `${binding.headline}: ${binding.sentence}`,
      meter_quality: power.quality,
      meter_age_ms: power.age_ms,
    },
    stations: live.stations,
    vehicles: {
      connected: live.evses.filter(({ transaction }) => transaction !== null).length,
      charging: live.evses.filter(({ transaction, actual_w }) => transaction !== null && (actual_w ?? 0) > 0)
        .length,
    },
    departures: departuresOf(live),
    evses: live.evses.map(({ station, evse, state, actual_w, soc_pct, vehicle }) => [
      station,
      evse,
      state,
      actual_w,
      soc_pct,
      vehicle,
    ]),
  }
}

function departuresOf({ departures }: LiveSite): StateSnapshot['departures'] {
  const count = (readiness: string) =>
    departures.filter((departure) => departure.readiness === readiness).length
  const [next] = departures
  return {
    ready: count('ready'),
    on_track: count('on-track'),
    at_risk: count('at-risk'),
    not_ready: count('not-ready'),
    no_data: count('no-data'),
    next:
      next === undefined ? null : { vehicle: next.vehicle, at: next.departure_at, readiness: next.readiness },
  }
}

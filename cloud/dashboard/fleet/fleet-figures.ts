import type { DepotView, FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'

/** A depot whose picture can be taken as that of now, if a little late. */
export interface CurrentDepot {
  readonly name: string
  readonly asOf: string
  readonly snapshot: StateSnapshot
}

/** Whether the depot's values may stand for now: it is live, or late but not gone. */
export const isCurrent = ({ link, snapshot }: DepotView): boolean =>
  snapshot !== null && (link.state === 'live' || link.state === 'delayed')

/** The fleet in sums. Each sum covers `counted` depots, never more than it can know. */
export interface FleetFigures {
  readonly depots: number
  readonly power: { counted: number; import_w: number | null; limit_w: number; oldest: string | null }
  readonly vehicles: { counted: number; charging: number; connected: number }
  readonly departures: {
    ready: number
    total: number
    risk: number
    noData: number
    next: NextDeparture | null
  }
  readonly stations: { counted: number; online: number; total: number; faulted: number }
  readonly energy: { wh: number; missing: number; unknown: number; running: number }
  readonly problems: {
    total: number
    bySeverity: readonly number[]
    oldest: string | null
    notCurrent: number
  }
}

interface NextDeparture {
  readonly vehicle: string
  readonly at: string
  readonly depot: string
  readonly zone: string
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
const earliest = (times: readonly string[]): string | null =>
  times.reduce<string | null>(
    (first, time) => (first === null || Date.parse(time) < Date.parse(first) ? time : first),
    null,
  )

/** How many open problems of each severity, P1 first. */
export const countSeverities = (snapshot: StateSnapshot | null): readonly number[] =>
  [1, 2, 3, 4].map((level) => snapshot?.incidents.filter(({ severity }) => severity === level).length ?? 0)

const current = (depots: readonly DepotView[]): CurrentDepot[] =>
  depots.flatMap((depot) =>
    depot.snapshot !== null && isCurrent(depot)
      ? [{ name: depot.name, asOf: depot.as_of ?? depot.snapshot.as_of, snapshot: depot.snapshot }]
      : [],
  )

function powerOf(depots: readonly CurrentDepot[]): FleetFigures['power'] {
  const measured = depots.filter(({ snapshot }) => snapshot.site.import_w !== null)
  return {
    counted: measured.length,
    import_w: measured.length === 0 ? null : sum(measured, ({ snapshot }) => snapshot.site.import_w ?? 0),
    limit_w: sum(measured, ({ snapshot }) => snapshot.site.limit_w),
    oldest: earliest(measured.map(({ asOf }) => asOf)),
  }
}

function departuresOf(depots: readonly CurrentDepot[]): FleetFigures['departures'] {
  const of = (pick: (departures: StateSnapshot['departures']) => number) =>
    sum(depots, ({ snapshot }) => pick(snapshot.departures))
  const [next] = depots
    .flatMap(({ name, snapshot: { departures, depot } }) =>
      departures.next ? [{ ...departures.next, depot: name, zone: depot.time_zone }] : [],
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return {
    ready: of(({ ready }) => ready),
    total: of((d) => d.ready + d.on_track + d.at_risk + d.not_ready + d.no_data),
    risk: of((d) => d.at_risk + d.not_ready),
    noData: of(({ no_data }) => no_data),
    next: next ?? null,
  }
}

function problemsOf(depots: readonly DepotView[]): FleetFigures['problems'] {
  const counts = depots.map(({ snapshot }) => countSeverities(snapshot))
  return {
    total: sum(depots, ({ snapshot }) => snapshot?.incidents_total ?? 0),
    bySeverity: [0, 1, 2, 3].map((i) => sum(counts, (of) => of[i] ?? 0)),
    oldest: earliest(
      depots.flatMap(({ snapshot }) => snapshot?.incidents.map(({ opened_at }) => opened_at) ?? []),
    ),
    notCurrent: depots.filter((depot) => !isCurrent(depot)).length,
  }
}

/** Adds up the fleet. Depots that are offline count for energy and problems, as last known; for nothing that is now. */
export function fleetFigures({ depots }: Pick<FleetView, 'depots'>): FleetFigures {
  const now = current(depots)
  return {
    depots: depots.length,
    power: powerOf(now),
    vehicles: {
      counted: now.length,
      charging: sum(now, ({ snapshot }) => snapshot.vehicles.charging),
      connected: sum(now, ({ snapshot }) => snapshot.vehicles.connected),
    },
    departures: departuresOf(now),
    stations: {
      counted: now.length,
      online: sum(now, ({ snapshot }) => snapshot.stations.online),
      total: sum(now, ({ snapshot }) => snapshot.stations.total),
      faulted: sum(now, ({ snapshot }) => snapshot.stations.faulted),
    },
    energy: {
      wh: sum(depots, ({ energy_wh }) => energy_wh),
      missing: sum(depots, ({ facts }) => facts.missing ?? 0),
      unknown: depots.filter(({ facts }) => facts.missing === null).length,
      running: sum(depots, ({ transactions }) => transactions.running),
    },
    problems: problemsOf(depots),
  }
}

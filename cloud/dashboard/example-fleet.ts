import type { DepotView, FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'

const AT = Date.parse('2026-11-21T23:47:12.300Z')
const ago = (seconds: number): string => new Date(AT - seconds * 1000).toISOString()

type Problem = [severity: number, text: string, secondsAgo: number]

/** One depot in short; powers in kW. */
interface Short {
  readonly name: string
  readonly link: DepotView['link']['state']
  readonly age: number
  readonly kw: readonly [building: number, vehicles: number, held: number, limit: number]
  readonly stations: readonly [online: number, total: number, faulted: number]
  readonly charging: readonly [charging: number, connected: number]
  readonly departures: readonly [
    ready: number,
    onTrack: number,
    atRisk: number,
    notReady: number,
    noData: number,
  ]
  readonly problems: readonly Problem[]
}

const row = (
  [name, link, age]: [string, Short['link'], number],
  kw: Short['kw'],
  rest: Pick<Short, 'stations' | 'charging' | 'departures'>,
  problems: readonly Problem[] = [],
): Short => ({ name, link, age, kw, ...rest, problems })

const up = (
  stations: Short['stations'],
  charging: Short['charging'],
  departures: Short['departures'],
): Pick<Short, 'stations' | 'charging' | 'departures'> => ({ stations, charging, departures })

const DEPOTS: readonly Short[] = [
  row(['Westfield', 'live', 1.6], [98.3, 330.3, 22, 500], up([22, 24, 1], [14, 18], [3, 12, 1, 1, 0]), [
    [1, 'Station A-05: ground fault', 1740],
    [2, 'Station C-07 offline', 372],
    [3, 'B-03 refused a profile', 6300],
  ]),
  row(['Harbour', 'live', 1.1], [61, 402.2, 0, 560], up([30, 30, 0], [26, 29], [12, 26, 0, 0, 0])),
  row(['Northgate', 'live', 2.9], [44, 288.4, 0, 400], up([18, 18, 0], [16, 17], [6, 16, 0, 0, 0])),
  row(['Airport', 'delayed', 94], [120, 510.8, 44, 800], up([38, 40, 0], [33, 37], [9, 40, 1, 0, 1]), [
    [2, 'Stations D-11 and D-12 offline', 2280],
  ]),
  row(['Mill Road', 'live', 2.2], [30, 141, 0, 250], up([12, 12, 0], [9, 11], [4, 11, 0, 0, 0])),
  row(['Riverside', 'offline', 9312], [70, 260.2, 0, 450], up([20, 20, 0], [17, 19], [0, 19, 0, 0, 0]), [
    [3, 'Grid meter answered late twice', 20_000],
  ]),
  row(['Eastbank', 'live', 0.8], [55, 366.1, 0, 500], up([24, 24, 0], [21, 23], [10, 20, 1, 0, 0]), [
    [3, 'Vehicle B-340 stopped charging itself', 4100],
  ]),
  row(['Station Square', 'live', 2.4], [25, 97.7, 11, 200], up([9, 10, 0], [7, 9], [3, 8, 0, 0, 0]), [
    [4, 'Certificate of SQ-04 ends in 20 days', 80_000],
  ]),
  row(['Hillcrest', 'live', 3.8], [48, 233.5, 0, 350], up([16, 16, 0], [13, 15], [6, 14, 0, 0, 0])),
  row(['Docklands', 'live', 2.1], [66, 541.9, 0, 600], up([28, 28, 0], [25, 27], [8, 26, 0, 0, 0])),
  row(['Parkway', 'live', 2.7], [33, 170, 0, 300], up([14, 14, 0], [10, 12], [5, 13, 0, 0, 0])),
]

const STATES = ['charging', 'limited', 'ready', 'waiting', 'available']

function evsesOf({ stations: [online, total, faulted], link }: Short): StateSnapshot['evses'] {
  return Array.from({ length: total }, (_, i) => {
    const state =
      i < faulted ? 'faulted' : i >= online ? 'offline' : (STATES[(i * 7) % STATES.length] ?? 'unknown')
    const drawing = state === 'charging' || state === 'limited'
    const plugged = drawing || state === 'ready' || state === 'waiting'
    const name = `${String.fromCharCode(65 + Math.floor(i / 8))}-${String((i % 8) + 1).padStart(2, '0')}`
    const known = plugged && link !== 'never'
    return [
      name,
      1,
      state,
      drawing ? 9_400 + i * 130 : known ? 0 : null,
      known ? 30 + ((i * 13) % 65) : null,
      known ? `B-${100 + i}` : null,
    ]
  })
}

function snapshotOf(short: Short): StateSnapshot {
  const [building, vehicles, held, limit] = short.kw
  const [online, total, faulted] = short.stations
  const [ready, on_track, at_risk, not_ready, no_data] = short.departures
  return {
    v: 1,
    epoch: '7d1f6a52-55f5-4b0c-9d0a-2f5b3f0c8a11',
    boot_id: 'boot-1',
    n: 4_211,
    as_of: ago(short.age),
    clock: 'synced',
    facts_head: 18_204,
    depot: { name: short.name, virtual: false, time_zone: 'Europe/London' },
    incidents_total: short.problems.length,
    incidents: short.problems.map(([severity, text, seconds], i) => ({
      id: `${i + 1}`,
      code: 'station.offline',
      severity,
      subject: { type: 'station', id: 'A-01' },
      opened_at: ago(seconds),
      text,
    })),
    site: {
      import_w: (building + vehicles) * 1000,
      building_w: building * 1000,
      vehicles_w: vehicles * 1000,
      held_w: held * 1000,
      limit_w: limit * 1000,
      headroom_w: (limit - building - vehicles - held) * 1000,
      binding: short.name === 'Westfield' ? 'Feeder 2, phase L1: 247 of 250 A' : null,
      meter_quality: 'live',
      meter_age_ms: 300,
    },
    stations: { total, online, charging: short.charging[0], faulted, offline_reserved: total - online },
    vehicles: { charging: short.charging[0], connected: short.charging[1] },
    departures: {
      ready,
      on_track,
      at_risk,
      not_ready,
      no_data,
      next: { vehicle: `B-${100 + total}`, at: ago(-15_800 - total * 60), readiness: 'on-track' },
    },
    evses: evsesOf(short),
  }
}

const trendOf = ({ kw: [building, vehicles], age }: Short, i: number): DepotView['trend'] =>
  Array.from({ length: 60 }, (_, k) => ({
    at: ago(age + (59 - k) * 60),
    import_w:
      (building + vehicles * (0.86 + 0.13 * Math.sin(k / 9 + i) + 0.03 * Math.sin(k / 2.3 + i))) * 1000,
  }))

function depotOf(short: Short, i: number): DepotView {
  const snapshot = snapshotOf(short)
  return {
    id: short.name.toLowerCase().replaceAll(' ', '-'),
    name: short.name,
    virtual: false,
    link: {
      state: short.link,
      since: ago(short.link === 'live' ? 40_000 : short.age + 90),
      last_heard_at: ago(short.age),
    },
    as_of: snapshot.as_of,
    age_ms: short.age * 1000,
    snapshot,
    trend: trendOf(short, i),
    facts: {
      committed: 18_204,
      missing: short.link === 'offline' ? null : 0,
      last_committed_at: ago(short.age),
      quarantined: 0,
    },
    energy_wh: (short.kw[1] * 9 + 400) * 1000,
    transactions: { running: short.charging[0], since_noon: short.charging[1] + 9 },
  }
}

const NEW_DEPOT: DepotView = {
  id: 'summit',
  name: 'Summit',
  virtual: true,
  link: { state: 'never', since: null, last_heard_at: null },
  as_of: null,
  age_ms: null,
  snapshot: null,
  trend: [],
  facts: { committed: 0, missing: null, last_committed_at: null, quarantined: 0 },
  energy_wh: 0,
  transactions: { running: 0, since_noon: 0 },
}

/** A night over twelve depots: live, delayed, offline and one not heard yet. */
export const exampleFleet = (): FleetView => ({
  version: 1,
  fleet: { name: 'Northern Transit' },
  at: new Date(AT).toISOString(),
  clock: { scale: 1 },
  depots: [...DEPOTS.map(depotOf), NEW_DEPOT],
})

import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { Logger } from 'pino'
import { stringify } from 'yaml'
import type { FleetVehicle } from '../simulators/depot/depot.ts'
import type { Version } from '../simulators/station/dialect.ts'
import type { Misbehaviour } from '../simulators/station/misbehaviour.ts'
import type { StationQuirks } from '../simulators/station/quirks/quirk-set.ts'
import type { StationPlan } from '../simulators/station/virtual-station.ts'
import {
  type FeederMetersOf,
  feederMeterEntries,
  type MeterLines,
  type MeterWay,
  wayTo,
} from './meter-ways.ts'
import { quirkProfileId } from './quirk-profiles.ts'

/** A station of a scenario; AC 32 A unless it is a DC one. */
export interface StationOf {
  readonly id: string
  readonly feeder: string
  readonly dcKw?: number
  readonly phases?: readonly [Phase, Phase, Phase]
  /** Sends BootNotification after every reconnect. */
  readonly boots?: boolean
  /** Seconds between its meter values; 5 when absent. */
  readonly meterIntervalS?: number
  readonly version?: Version
  /** How it misbehaves, by the keys of station profiles; the depot has a profile that says so. */
  readonly quirks?: StationQuirks
  /** Capabilities that this profile states otherwise. */
  readonly profiled?: Readonly<Record<string, unknown>>
}

export interface FeederOf {
  readonly id: string
  readonly ratingA: number
}

export interface DepotOf {
  readonly stations: readonly StationOf[]
  readonly feeders: readonly FeederOf[]
  readonly gridA: number
  readonly limitKw?: number
  /** Worst building load, A per phase and kW. */
  readonly otherA: number
  /** Stations in the configuration that the test itself plays. */
  readonly foreign?: readonly StationOf[]
  readonly vehicles?: readonly string[]
  readonly fleet?: readonly FleetVehicle[]
  readonly cloud?: { readonly url: string; readonly password: string }
  readonly startMs?: number
  /** Where the edge's log goes; nowhere when absent. */
  readonly log?: Logger
  readonly seed?: number
  /** Keys of the configuration that stand in place of the usual ones, such as other meters. */
  readonly instead?: Readonly<Record<string, unknown>>
  /** Way to the site meter; Modbus TCP when absent. */
  readonly meterWay?: MeterWay
  /** Of the site meter; janitza-umg when absent. */
  readonly meterProfile?: string
  readonly feederMeters?: FeederMetersOf
  /** Connections end by themselves: a frame that does not come within many turns of the event loop went with one. */
  readonly losesFrames?: boolean
  /** What stations do wrong from the start, by id. */
  readonly misbehaving?: Readonly<Record<string, Partial<Misbehaviour>>>
}

export const SECRET = 'scenario-secret-0123456789'
export const SITE_METER = 'janitza-umg'
export const BATTERY_KWH = 300

/** What depot.yaml says of a scenario's depot. */
export function depotYaml(
  of: DepotOf,
  at: {
    data: string
    meterPort: number
    ocppPort?: number
    httpPort?: number
    lines?: MeterLines
    profiles?: string
  },
): string {
  return stringify({
    version: 1,
    depot: { id: 'scenario', name: 'Scenario depot', time_zone: 'UTC', virtual: true },
    ...{ data_folder: at.data, log_level: 'error', files: { listen: { host: '127.0.0.1', port: 0 } } },
    ...(at.profiles === undefined ? {} : { station_profiles: at.profiles }),
    ocpp: { listen: { host: '127.0.0.1', port: at.ocppPort ?? 0 } },
    lan_http: { listen: { host: '127.0.0.1', port: at.httpPort ?? 0 }, allow_unauthenticated_writes: true },
    ...(of.cloud ? { cloud: { url: of.cloud.url, password: { virtual: of.cloud.password } } } : {}),
    site: {
      nominal_voltage_v: 230,
      circuits: [
        {
          id: 'grid',
          name: 'Grid connection',
          rating_a: of.gridA,
          other_loads_a: of.otherA,
          ...(of.limitKw ? { limit_kw: of.limitKw, other_loads_kw: (of.otherA * 3 * 230) / 1000 } : {}),
        },
        ...of.feeders.map(({ id, ratingA }) => ({
          id,
          name: id,
          parent: 'grid',
          rating_a: ratingA,
          other_loads_a: 0,
        })),
      ],
    },
    meters: [
      {
        id: 'grid-meter',
        name: 'Site meter',
        role: 'grid',
        circuit: 'grid',
        profile: of.meterProfile ?? SITE_METER,
        ...wayTo(of.meterWay ?? 'tcp', at.lines?.get('site') ?? { port: at.meterPort, device: '' }, 1),
      },
      ...feederMeterEntries(of.feederMeters, at.lines),
    ],
    stations: [...of.stations, ...(of.foreign ?? [])].map((station) => ({
      id: station.id,
      circuit: station.feeder,
      secret: { virtual: SECRET },
      ...(station.quirks ? { profile: quirkProfileId(station.id) } : {}),
      evses: [rated(station)],
    })),
    vehicles: vehiclesOf(of).map((id) => ({ id, id_tokens: [`TAG-${id}`], battery_kwh: BATTERY_KWH })),
    ...of.instead,
  })
}

const rated = (station: StationOf) =>
  station.dcKw === undefined
    ? { evse: 1, current: 'ac', rating_a: 32, phases: station.phases ?? [...PHASES], fallback_a: 6 }
    : { evse: 1, current: 'dc', rating_kw: station.dcKw, phases: [...PHASES], fallback_kw: 10 }

const vehiclesOf = (of: DepotOf): readonly string[] => [
  ...(of.vehicles ?? []),
  ...(of.fleet ?? []).map(({ vehicle }) => vehicle.id),
]

/** The virtual station of a scenario's station. */
export const stationPlan = (station: StationOf): StationPlan => ({
  id: station.id,
  rating:
    station.dcKw === undefined
      ? { kind: 'ac', value: 32, phases: 3 }
      : { kind: 'dc', value: station.dcKw * 1000, phases: 3 },
  rotation: station.phases ?? ['l1', 'l2', 'l3'],
  secret: SECRET,
  meterIntervalS: station.meterIntervalS ?? 5,
  ...(station.version ? { version: station.version } : {}),
  ...(station.quirks ? { quirks: station.quirks } : {}),
  bootsOnReconnect: station.boots ?? false,
})

import type { FeederLinePlan } from '../simulators/depot/feeder-meter.ts'
import { knownProfile } from '../simulators/meter/known-profile.ts'

/** How a meter is reached. */
export type MeterWay = 'tcp' | 'rtu-tcp' | 'rtu'

/** Further meters on one line, each of a feeder; read every `pollMs`. */
export interface FeederMetersOf {
  readonly way: MeterWay
  readonly profile: string
  readonly pollMs: number
  readonly meters: readonly { readonly id: string; readonly unit: number; readonly feeder: string }[]
}

export type MeterLines = ReadonlyMap<string, { readonly port: number; readonly device: string }>

const SERIAL = { baud: 115_200, parity: 'none', stop_bits: 1 }

/** What depot.yaml says of the way to a unit. */
export function wayTo(
  way: MeterWay,
  { port, device }: { port: number; device: string },
  unit: number,
): object {
  if (way === 'rtu') return { modbus_rtu: { device, ...SERIAL, unit } }
  return { [way === 'tcp' ? 'modbus_tcp' : 'modbus_rtu_tcp']: { host: '127.0.0.1', port, unit } }
}

/** The feeder meters in depot.yaml. */
export function feederMeterEntries(
  feederMeters: FeederMetersOf | undefined,
  lines: MeterLines | undefined,
): object[] {
  const line = lines?.get('feeders')
  if (!feederMeters || !line) return []
  const { way, profile, pollMs, meters } = feederMeters
  return meters.map(({ id, unit, feeder }) => ({
    ...{ id, name: id, role: 'feeder', circuit: feeder, profile, poll_ms: pollMs },
    ...wayTo(way, line, unit),
  }))
}

/** The same meters in the virtual depot, on the line `feeders`. */
export async function feederLines(
  feederMeters: FeederMetersOf | undefined,
  stations: readonly { readonly id: string; readonly feeder: string }[],
): Promise<FeederLinePlan[]> {
  if (!feederMeters) return []
  const { way } = feederMeters
  const profile = await knownProfile(feederMeters.profile)
  const meters = feederMeters.meters.map(({ id, unit, feeder }) => ({
    ...{ id, unit, profile },
    stations: stations.filter((station) => station.feeder === feeder).map((station) => station.id),
  }))
  const end = way === 'rtu' ? { kind: way } : { kind: way, host: '127.0.0.1', port: 0 }
  return [{ id: 'feeders', end, meters }]
}

import { DepotError } from '@busbar/model/depot-error.ts'
import { as, type CircuitId, type MeterId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { chance } from '../adapters/host/host-clock.ts'
import { configuredMeter } from '../adapters/modbus/configured-meter.ts'
import { overbooked } from '../adapters/modbus/line-budget.ts'
import { createModbusMeters, type MeterSource, type ModbusMeters } from '../adapters/modbus/modbus-meters.ts'
import { probeMeter } from '../adapters/modbus/probe-meter.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { Control } from '../control/control.ts'
import type { MeterBench } from '../domain/ports/meter-bench.ts'
import type { MeterReadings } from '../domain/ports/meter-readings.ts'
import { voltageAt } from '../domain/site/feeding.ts'
import { loadMeterProfiles, type MeterProfiles } from '../profiles/load-meter-profiles.ts'
import type { Parts } from './parts.ts'

/** On a fast clock a meter still has this much real time to answer. */
const METER_DEADLINE_MS = 500

/** No true reading of a circuit's meter exceeds twice these. */
export function plausibleAt({ site }: LoadedConfig, circuit: string): MeterSource['plausible'] {
  const ratings = [...site.circuits.values()].find(({ id }) => id === circuit)?.ratingA ?? {}
  const ratingA = Math.max(...Object.values(ratings).map(Number))
  const nominalV = voltageAt(site, as<CircuitId>(circuit))
  return { nominalV, maxA: amps(ratingA), maxW: watts(ratingA * 3 * nominalV) }
}

export const submitter =
  (control: Control): Parameters<MeterReadings['start']>[0] =>
  (result) => {
    if ('reading' in result) control.submit({ type: 'meter-reading', ...result.reading })
    else control.submit({ type: 'meter-failure', ...result.failure })
  }

/** Starts reading the site's meters over Modbus. */
export async function startMeters(
  of: Parts & { scale: number },
): Promise<{ meters: ModbusMeters; bench: MeterBench }> {
  const { loaded, clock, log, control, scale } = of
  const known = await loadMeterProfiles()
  const sources = loaded.config.meters.flatMap((meter): MeterSource[] => {
    const { profile: name } = meter
    if (name === undefined) return []
    const profile = known.get(name)
    if (profile === undefined)
      throw new DepotError(
        'config.invalid',
        `meter ${meter.id}: no profile "${name}"; known: ${[...known.keys()].join(', ')}`,
      )
    const source = configuredMeter(meter, {
      profile,
      plausible: plausibleAt(loaded, meter.circuit),
      ...(scale > 1 ? { deadline: milliseconds(METER_DEADLINE_MS * scale) } : {}),
    })
    return source ? [source] : []
  })
  const tooMuch = overbooked(sources)
  if (tooMuch.length > 0) throw new DepotError('config.invalid', tooMuch.join('\n'))
  const meters = createModbusMeters({
    meters: sources,
    clock,
    random: chance,
    log,
    onInspected: (inspection) => control.submit({ type: 'meter-inspected', ...inspection }),
  })
  await meters.start(submitter(control))
  return { meters, bench: benchOf({ ...of, meters, known }) }
}

/** Looks into the meters that are read, and into devices that are not yet. */
function benchOf(of: Parts & { scale: number; meters: ModbusMeters; known: MeterProfiles }): MeterBench {
  const { loaded, clock, log, scale, meters, known } = of
  const [connection] = [...loaded.site.circuits.values()].filter(({ parent }) => parent === null)
  return {
    inspect: async (meter) => (await meters.inspect(meter)) ?? null,
    profiles: () =>
      [...known.values()].map(({ id, vendor, models, verified }) => ({ id, vendor, models, verified })),
    probe: async ({ profile: name, way, host, port, unit, addressOffset }) => {
      const profile = known.get(name)
      if (profile === undefined) return { failed: 'profile', reason: `no profile "${name}"` }
      const source: MeterSource = {
        id: as<MeterId>('probe'),
        profile,
        endpoint: { kind: way === 'modbus_tcp' ? 'tcp' : 'rtu-tcp', host, port },
        unit,
        poll: milliseconds(1000 * scale),
        plausible: plausibleAt(loaded, connection?.id ?? ''),
        invert: false,
        ...(addressOffset !== undefined && { override: { addressOffset } }),
        ...(scale > 1 ? { deadline: milliseconds(METER_DEADLINE_MS * scale) } : {}),
      }
      return probeMeter(source, { clock, random: chance, log })
    },
  }
}

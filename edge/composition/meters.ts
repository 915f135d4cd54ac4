import { DepotError } from '@busbar/model/depot-error.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { chance } from '../adapters/host/host-clock.ts'
import { configuredMeter } from '../adapters/modbus/configured-meter.ts'
import { overbooked } from '../adapters/modbus/line-budget.ts'
import { createModbusMeters, type MeterSource } from '../adapters/modbus/modbus-meters.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { Control } from '../control/control.ts'
import type { MeterReadings } from '../domain/ports/meter-readings.ts'
import { loadMeterProfiles } from '../profiles/load-meter-profiles.ts'
import type { Parts } from './parts.ts'

/** On a fast clock a meter still has this much real time to answer. */
const METER_DEADLINE_MS = 500

/** No true reading of a circuit's meter exceeds twice these. */
export function plausibleAt({ site }: LoadedConfig, circuit: string): MeterSource['plausible'] {
  const ratings = [...site.circuits.values()].find(({ id }) => id === circuit)?.ratingA ?? {}
  const ratingA = Math.max(...Object.values(ratings).map(Number))
  return { nominalV: site.nominalV, maxA: amps(ratingA), maxW: watts(ratingA * 3 * site.nominalV) }
}

export const submitter =
  (control: Control): Parameters<MeterReadings['start']>[0] =>
  (result) => {
    if ('reading' in result) control.submit({ type: 'meter-reading', ...result.reading })
    else control.submit({ type: 'meter-failure', ...result.failure })
  }

export async function startMeters({ loaded, clock, log, control, scale }: Parts & { scale: number }) {
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
  return meters
}

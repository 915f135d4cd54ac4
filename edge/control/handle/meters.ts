import type { MeterId } from '@busbar/model/ids.ts'
import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import { toIso } from '@busbar/units/time.ts'
import type { InputOf, MeterReading, Submitted } from '../../domain/inputs.ts'
import { countedBase, nextBase } from '../../domain/load-balancing/base-load.ts'
import type { Row } from '../../domain/load-balancing/rows.ts'
import { heard, missed, unheard } from '../../domain/site/meter-trust.ts'
import type { Depot } from '../depot.ts'
import { drawBounds } from '../draw.ts'
import { evsesNow } from '../use.ts'
import { noteVoltage } from '../voltage.ts'

/** A reading moves the base load of its circuit's rows; one above a row's limit asks for a tick at once. */
export function meterReading(depot: Depot, input: InputOf<'meter-reading'>): Submitted<'meter-reading'> {
  const place = depot.setup.site.meters.get(input.meter)
  if (place === undefined) return { outcome: undefined, durable: Promise.resolve() }
  depot.meters.set(input.meter, heard(depot.meters.get(input.meter) ?? unheard, input, place.poll))
  noteVoltage(depot, input)
  let over = false
  const evses = evsesNow(depot)
  for (const row of depot.rows) {
    const measured = row.circuit === place.circuit ? measuredOn(row, input) : null
    if (measured === null) continue
    const base = nextBase(depot.bases.get(row.id), {
      measured,
      draw: drawBounds(depot, row, evses),
      at: input.measuredAtMonotonic,
    })
    depot.bases.set(row.id, base)
    over ||= measured > row.limit || countedBase(base) > row.limit
  }
  if (over) depot.urge()
  const sample = { source: { meter: input.meter }, at: input.measuredAt, values: rawValues(input) }
  depot.recorder.note([], [sample])
  return { outcome: undefined, durable: Promise.resolve() }
}

export function meterFailure(depot: Depot, input: InputOf<'meter-failure'>): Submitted<'meter-failure'> {
  const { meter, at, code, reason } = input
  depot.meters.set(meter, missed(depot.meters.get(meter) ?? unheard, { meter, at, code, reason }))
  return { outcome: undefined, durable: Promise.resolve() }
}

/** What the meter says of a row, mA or W; null when it does not tell. Export is no load on a conductor's rating in A. */
function measuredOn(row: Row, reading: MeterReading): number | null {
  if (row.kind === 'power') return reading.powerW === undefined ? null : Math.ceil(reading.powerW)
  const current = reading.currentA?.[row.kind]
  return current === undefined ? null : Math.ceil(current * 1000)
}

/** Phases that a meter reported, for the views. */
export const reported = (values: Partial<PerPhase<number>> | undefined): PerPhase<number | null> => ({
  l1: values?.l1 ?? null,
  l2: values?.l2 ?? null,
  l3: values?.l3 ?? null,
})

const rawValues = (reading: MeterReading & { meter: MeterId }): string =>
  JSON.stringify({
    power_w: reading.powerW,
    current_a:
      reading.currentA && Object.fromEntries(PHASES.map((phase) => [phase, reading.currentA?.[phase]])),
    voltage_v: reading.voltageV,
    import_wh: reading.importWh,
    export_wh: reading.exportWh,
    measured_at: toIso(reading.measuredAt),
  })

import { as, type MeterId } from '@busbar/model/ids.ts'
import { amps, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { perPhase } from '@busbar/units/per-phase.ts'
import { instant, monotonic, seconds } from '@busbar/units/time.ts'
import type { MeterReading } from '../../inputs.ts'
import type { MeterRating } from './rating.ts'

/** A connection of 100 A at 230 V. */
export const RATING: MeterRating = {
  nominalV: 230,
  currentA: perPhase(() => 100),
  powerW: 69_000,
  poll: seconds(1),
}

/** A reading at second `s` of a balanced load of `a` amperes; the counter is given or absent. */
export function readingAt(s: number, a: number, importWh?: number): MeterReading {
  return {
    meter: as<MeterId>('m'),
    measuredAt: instant(s * 1000),
    measuredAtMonotonic: monotonic(s * 1000),
    powerW: watts(3 * 230 * a),
    phasePowerW: perPhase(() => watts(230 * a)),
    currentA: perPhase(() => amps(a)),
    voltageV: perPhase(() => volts(230)),
    powerFactor: perPhase(() => 1),
    frequencyHz: 50,
    ...(importWh !== undefined && { importWh: wattHours(importWh) }),
  }
}

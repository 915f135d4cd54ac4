import { amps, type Volts, volts, type WattHours, wattHours, watts } from '@busbar/units/electricity.ts'
import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../inputs.ts'

/** What a reading says, without whose it is and when. */
export type MeterValues = Omit<MeterReading, 'meter' | 'measuredAt' | 'measuredAtMonotonic'>

/** One input of a computed meter: its values count `times`. */
export interface Term {
  readonly values: MeterValues
  readonly times: number
}

/**
 * The sum of all terms: a value is there only where every term has it. Currents are magnitudes whose angles nobody
 * knows: those that flow the same way add up to the most they can be; where some flow the other way the sum is the
 * most that the phases' active and reactive power allow, never simply the difference, which would be too low.
 */
export function sumOf(terms: readonly Term[]): MeterValues {
  const powerW = added(terms, ({ powerW: w }) => w)
  const frequency = terms.find(({ values }) => values.frequencyHz !== undefined)?.values.frequencyHz
  const [first] = terms
  const alone = terms.length === 1
  return {
    ...(powerW !== undefined && { powerW: watts(powerW) }),
    ...phased('phasePowerW', (phase) =>
      mapped(
        added(terms, (v) => v.phasePowerW?.[phase]),
        watts,
      ),
    ),
    ...phased('currentA', (phase) => mapped(current(terms, phase), amps)),
    ...phased('voltageV', (phase) => (alone ? first?.values.voltageV?.[phase] : sharedVoltage(terms, phase))),
    ...(frequency !== undefined && { frequencyHz: frequency }),
    ...counters(terms),
  }
}

type Of = (values: MeterValues) => number | undefined

function added(terms: readonly Term[], of: Of): number | undefined {
  let sum = 0
  for (const { values, times } of terms) {
    const value = of(values)
    if (value === undefined) return undefined
    sum += value * times
  }
  // Adding 0 turns -0 into 0.
  return sum + 0
}

const mapped = <T>(value: number | undefined, unit: (n: number) => T): T | undefined =>
  value === undefined ? undefined : unit(value)

function phased<K extends string, T>(
  name: K,
  of: (phase: Phase) => T | undefined,
): { [N in K]?: Partial<Record<Phase, T>> } {
  const found: Partial<Record<Phase, T>> = {}
  for (const phase of PHASES) {
    const value = of(phase)
    if (value !== undefined) found[phase] = value
  }
  const whole: { [N in K]?: Partial<Record<Phase, T>> } = {}
  if (Object.keys(found).length > 0) whole[name] = found
  return whole
}

function current(terms: readonly Term[], phase: Phase): number | undefined {
  const sum = added(terms, ({ currentA }) => currentA?.[phase])
  if (sum === undefined) return undefined
  const signs = new Set(terms.map(({ values, times }) => Math.sign((values.currentA?.[phase] ?? 0) * times)))
  signs.delete(0)
  return signs.size < 2 ? sum : opposedCurrent(terms, phase)
}

/** The most that currents of both directions can leave: sqrt((ΣP)² + (Σ|Q|)²) / U, signed by ΣP where that is clear. */
function opposedCurrent(terms: readonly Term[], phase: Phase): number | undefined {
  const voltage = sharedVoltage(terms, phase)
  const power = added(terms, ({ phasePowerW }) => phasePowerW?.[phase])
  if (voltage === undefined || voltage <= 0 || power === undefined) return undefined
  const reactive = terms.reduce((sum, { values, times }) => {
    const apparent = (values.currentA?.[phase] ?? 0) * (values.voltageV?.[phase] ?? voltage)
    const active = values.phasePowerW?.[phase] ?? 0
    return sum + Math.sqrt(Math.max(0, apparent ** 2 - active ** 2)) * Math.abs(times)
  }, 0)
  const size = Math.hypot(power, reactive) / voltage
  return power < -reactive ? -size : size
}

/** The lowest of the terms' voltages, which makes the most of a current. */
function sharedVoltage(terms: readonly Term[], phase: Phase): Volts | undefined {
  const known = terms.flatMap(({ values }) => values.voltageV?.[phase] ?? [])
  return known.length === 0 ? undefined : volts(Math.min(...known))
}

/** Counters add up; what is taken off another meter has no counter, since two counters are never read at once. */
function counters(terms: readonly Term[]): { importWh?: WattHours; exportWh?: WattHours } {
  if (terms.some(({ times }) => times < 0)) return {}
  const imported = added(terms, ({ importWh }) => importWh)
  const exported = added(terms, ({ exportWh }) => exportWh)
  return {
    ...(imported !== undefined && { importWh: wattHours(imported) }),
    ...(exported !== undefined && { exportWh: wattHours(exported) }),
  }
}

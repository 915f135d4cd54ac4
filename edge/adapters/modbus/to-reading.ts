import { amps, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { type PerPhase, PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import type { PointName } from '../../profiles/meter-profile.ts'
import type { PointValues } from './decode-scan.ts'
import type { MeterSource } from './meter-source.ts'

type Values = Omit<MeterReading, 'meter' | 'measuredAt' | 'measuredAtMonotonic'>

/** Below this share of the rating the sign of power is noise, and current counts as import. */
const NO_LOAD = 0.01

/** A scan's values with the site's signs and phases: import positive, current signed like the power of its phase. */
export function toReading(source: MeterSource, points: PointValues): Values {
  const sign = (source.profile.signs.power === 'import-positive') === source.invert ? -1 : 1
  const signedPower = (name: PointName) => turned(points[name], sign)
  const power = byPhase(source, (phase) => signedPower(`p_${phase}`))
  const current = byPhase(source, (phase) =>
    signedCurrent(source, points[`i_${phase}`], signedPower(`p_${phase}`), sign),
  )
  const voltage = byPhase(source, (phase) => points[`u_${phase}`])
  // What its sign means differs from meter to meter; direction is in the power.
  const powerFactor = byPhase(source, (phase) => magnitude(points[`pf_${phase}`]))
  const total = signedPower('p_total') ?? sumOfAll(power)
  const [imported, exported] = source.invert ? [points.e_exp, points.e_imp] : [points.e_imp, points.e_exp]
  return {
    ...(total !== undefined && { powerW: watts(total) }),
    ...(power && { phasePowerW: each(power, watts) }),
    ...(current && { currentA: each(current, amps) }),
    ...(voltage && { voltageV: each(voltage, volts) }),
    ...(powerFactor && { powerFactor }),
    ...(points.f !== undefined && { frequencyHz: points.f }),
    ...(imported !== undefined && { importWh: wattHours(imported) }),
    ...(exported !== undefined && { exportWh: wattHours(exported) }),
  }
}

const magnitude = (value: number | undefined) => (value === undefined ? undefined : Math.abs(value))

// Adding 0 turns -0 into 0.
const turned = (value: number | undefined, sign: number) =>
  value === undefined ? undefined : value * sign + 0

function signedCurrent(
  source: MeterSource,
  current: number | undefined,
  power: number | undefined,
  sign: number,
): number | undefined {
  if (current === undefined || source.profile.signs.current === 'signed') return turned(current, sign)
  const { nominalV, maxA } = source.plausible
  const exporting = power !== undefined && power < -NO_LOAD * nominalV * maxA
  return turned(Math.abs(current), exporting ? -1 : 1)
}

type Phased = Partial<Record<Phase, number>>

function byPhase(source: MeterSource, of: (phase: Phase) => number | undefined): Phased | undefined {
  const found: Phased = {}
  for (const phase of PHASES) {
    const value = of(phase)
    if (value !== undefined) found[source.phaseMap?.[phase] ?? phase] = value
  }
  return Object.keys(found).length > 0 ? found : undefined
}

function sumOfAll(power: Phased | undefined): number | undefined {
  const { l1, l2, l3 } = power ?? {}
  return l1 === undefined || l2 === undefined || l3 === undefined ? undefined : l1 + l2 + l3
}

function each<T>(values: Phased, unit: (n: number) => T): Partial<PerPhase<T>> {
  const { l1, l2, l3 } = values
  return {
    ...(l1 !== undefined && { l1: unit(l1) }),
    ...(l2 !== undefined && { l2: unit(l2) }),
    ...(l3 !== undefined && { l3: unit(l3) }),
  }
}

import { type PerPhase, PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../../inputs.ts'
import type { MeterRating } from './rating.ts'

/** Below this share of the rating relative errors say nothing. */
const LOADED = 0.05
/** What may be lost to resolution near no load, as a share of the rating. */
const GRAIN = 0.01
/** U·I·PF against P on a phase. */
const PHASE_ERROR = 0.1
const SUM_ERROR = 0.05

/**
 * Why the values of one reading contradict each other, or null. What it does not tell is not judged.
 * @see metering.md 6.3 and 8
 */
export const contradiction = (reading: MeterReading, rating: MeterRating): string | null =>
  factorFault(reading) ?? sumFault(reading, rating) ?? phaseFault(reading, rating)

/** Whether a reading tells enough to be judged. */
export const isJudgeable = ({ currentA, voltageV, phasePowerW, powerW }: MeterReading): boolean =>
  (currentA !== undefined && voltageV !== undefined && (phasePowerW ?? powerW) !== undefined) ||
  (phasePowerW !== undefined && powerW !== undefined)

function factorFault({ powerFactor }: MeterReading): string | null {
  const phase = PHASES.find((each) => Math.abs(powerFactor?.[each] ?? 0) > 1.005)
  return phase === undefined ? null : `power factor ${phase.toUpperCase()} is ${powerFactor?.[phase]}`
}

function sumFault(reading: MeterReading, { powerW: ratingW }: MeterRating): string | null {
  const { powerW, phasePowerW } = reading
  if (powerW === undefined) return null
  const grain = GRAIN * ratingW
  const parts = whole(phasePowerW)
  if (parts !== null) {
    const sum = parts.l1 + parts.l2 + parts.l3
    if (Math.abs(powerW - sum) > Math.max(grain, SUM_ERROR * Math.abs(powerW)))
      return `power is ${kw(powerW)}, its phases add up to ${kw(sum)}`
  }
  const most = apparent(reading)
  return most !== null && Math.abs(powerW) > 1.05 * most + grain
    ? `power is ${kw(powerW)}, voltage times current only ${kw(most)}`
    : null
}

function phaseFault(reading: MeterReading, rating: MeterRating): string | null {
  for (const phase of PHASES) {
    const fault = faultOf(reading, phase, rating)
    if (fault !== null) return fault
  }
  return null
}

function faultOf(
  { voltageV, currentA, phasePowerW, powerFactor }: MeterReading,
  phase: Phase,
  { nominalV, currentA: ratingA }: MeterRating,
): string | null {
  const [volts, amps, power] = [voltageV?.[phase], currentA?.[phase], phasePowerW?.[phase]]
  if (volts === undefined || amps === undefined || power === undefined) return null
  const loaded = LOADED * nominalV * ratingA[phase]
  const most = Math.abs(volts * amps)
  if (Math.max(most, Math.abs(power)) <= loaded) return null
  const expected = most * Math.abs(powerFactor?.[phase] ?? 1)
  const wrong =
    powerFactor?.[phase] === undefined
      ? Math.abs(power) > (1 + PHASE_ERROR) * most
      : Math.abs(Math.abs(power) - expected) > PHASE_ERROR * Math.max(expected, Math.abs(power))
  return wrong
    ? `power ${phase.toUpperCase()} is ${kw(power)}, voltage times current ${kw(expected)}${unitHint(power, expected)}`
    : null
}

/** A factor of a thousand is a wrong unit. */
function unitHint(power: number, expected: number): string {
  const factor = Math.abs(power) / expected
  const near = (of: number) => Math.abs(factor / of - 1) < 0.15
  return near(1000) || near(0.001) ? ': a wrong unit' : ''
}

function apparent({ voltageV, currentA }: MeterReading): number | null {
  const [volts, amps] = [whole(voltageV), whole(currentA)]
  return volts === null || amps === null
    ? null
    : PHASES.reduce((sum, phase) => sum + Math.abs(volts[phase] * amps[phase]), 0)
}

function whole(values: Partial<PerPhase<number>> | undefined): PerPhase<number> | null {
  const { l1, l2, l3 } = values ?? {}
  return l1 === undefined || l2 === undefined || l3 === undefined ? null : { l1, l2, l3 }
}

const kw = (value: number): string => `${(value / 1000).toFixed(2)} kW`

import { wattHours } from '@busbar/units/electricity.ts'
import { between, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import type { MeterReading } from '../../inputs.ts'
import { counterStep } from '../counter.ts'
import type { MeterRating } from './rating.ts'

/** Counters and power are compared over this long. */
const WINDOW = minutes(15)
const ERROR = 0.03
/** A counter that has not stepped yet may step by this much. */
const UNKNOWN_STEP_WH = 1000
/** Above this share of the rating a counter that stands still is broken. */
const LOADED = 0.05
const STANDS = seconds(30)
/** Longer without a reading, the integral of power is a guess. */
const MOST_GAP = seconds(10)

/** A meter that tells no export is read as if it counted none. */
const NO_WH = wattHours(0)

/** What flowed by power and by counter since `since`, Wh. */
export interface EnergyBalance {
  readonly since: Monotonic
  readonly last: MeterReading
  readonly importWh: number
  readonly exportWh: number
  /** Of power, signed, up to the last reading. */
  readonly flowedWh: number
  /** Smallest step a counter was seen to make. */
  readonly stepWh: number
  /** Of the magnitude of power since a counter last moved. */
  readonly unmovedWh: number
  readonly movedAt: Monotonic
  /** The counters of the last reading that had them. */
  readonly latest: { readonly importWh: number; readonly exportWh: number; readonly at: Monotonic }
}

/** What was found. `drift`: counter and power disagree. `stands`: power flows, the counter does not. */
export type EnergyFinding =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'restarted' | 'drift' | 'stands'; readonly text: string }

/** Takes in a reading. @see metering.md 7 and 8 */
export function nextBalance(
  balance: EnergyBalance | null,
  reading: MeterReading,
  rating: MeterRating,
): { readonly balance: EnergyBalance | null; readonly finding: EnergyFinding | null } {
  const { powerW } = reading
  if (powerW === undefined) return { balance, finding: null }
  if (balance === null || broken(balance, reading)) return { balance: begun(reading, balance), finding: null }
  const flowed = integrated(balance, reading)
  const { importWh, exportWh = NO_WH } = reading
  if (importWh === undefined) return { balance: flowed, finding: standing(flowed, reading, rating) }
  const step = (before: number, now: number) =>
    counterStep({
      before,
      now,
      ms: between(flowed.latest.at, reading.measuredAtMonotonic),
      maxW: rating.powerW,
    })
  if (step(flowed.latest.importWh, importWh) === null || step(flowed.latest.exportWh, exportWh) === null) {
    const text = `its register went from ${whole(flowed.latest.importWh)} to ${whole(importWh)} Wh: a new segment`
    return { balance: begun(reading, flowed), finding: { kind: 'restarted', text } }
  }
  const counted = moved(flowed, { importWh, exportWh, at: reading.measuredAtMonotonic })
  if (between(counted.since, reading.measuredAtMonotonic) < WINDOW)
    return { balance: counted, finding: standing(counted, reading, rating) }
  return { balance: begun(reading, counted), finding: compared(counted, { importWh, exportWh }) }
}

const broken = ({ last }: EnergyBalance, { measuredAtMonotonic }: MeterReading): boolean =>
  between(last.measuredAtMonotonic, measuredAtMonotonic) > MOST_GAP

/** A window begins only where there is a counter to begin with. */
function begun(reading: MeterReading, before: EnergyBalance | null): EnergyBalance | null {
  const { importWh, exportWh = NO_WH, measuredAtMonotonic: at } = reading
  if (importWh === undefined) return null
  return {
    since: at,
    last: reading,
    importWh,
    exportWh,
    flowedWh: 0,
    stepWh: before?.stepWh ?? UNKNOWN_STEP_WH,
    unmovedWh: 0,
    movedAt: at,
    latest: { importWh, exportWh, at },
  }
}

function integrated(balance: EnergyBalance, reading: MeterReading): EnergyBalance {
  const [from, to] = [balance.last.powerW ?? 0, reading.powerW ?? 0]
  const hours = between(balance.last.measuredAtMonotonic, reading.measuredAtMonotonic) / 3_600_000
  const wh = ((from + to) / 2) * hours
  return {
    ...balance,
    last: reading,
    flowedWh: balance.flowedWh + wh,
    unmovedWh: balance.unmovedWh + Math.abs(wh),
  }
}

function moved(balance: EnergyBalance, latest: EnergyBalance['latest']): EnergyBalance {
  const steps = [latest.importWh - balance.latest.importWh, latest.exportWh - balance.latest.exportWh].filter(
    (wh) => wh > 0,
  )
  if (steps.length === 0) return { ...balance, latest }
  return {
    ...balance,
    latest,
    stepWh: Math.min(balance.stepWh, ...steps),
    unmovedWh: 0,
    movedAt: latest.at,
  }
}

function standing(
  { unmovedWh, stepWh, movedAt }: EnergyBalance,
  reading: MeterReading,
  rating: MeterRating,
): EnergyFinding | null {
  const { exportWh, measuredAtMonotonic } = reading
  const powerW: number = reading.powerW ?? 0
  const counts = powerW > 0 || exportWh !== undefined
  if (!counts || Math.abs(powerW) <= LOADED * rating.powerW) return null
  if (unmovedWh <= 3 * stepWh || between(movedAt, measuredAtMonotonic) < STANDS) return null
  const text = `${(powerW / 1000).toFixed(1)} kW flow and its energy register stands still`
  return { kind: 'stands', text }
}

function compared(
  { flowedWh, stepWh, ...from }: EnergyBalance,
  to: { importWh: number; exportWh: number },
): EnergyFinding {
  const counted = to.importWh - from.importWh - (to.exportWh - from.exportWh)
  const allowed = Math.max(ERROR * Math.abs(flowedWh), 2 * stepWh)
  if (Math.abs(counted - flowedWh) <= allowed) return { kind: 'agrees' }
  const text = `in 15 minutes its register counted ${whole(counted)} Wh, its power adds up to ${whole(flowedWh)} Wh`
  return { kind: 'drift', text }
}

const whole = (wh: number): string => String(Math.round(wh))

import { PHASES } from '@busbar/units/per-phase.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { MeterReading } from '../../inputs.ts'

/** Identical for this many scans and this long, a meter has stopped measuring. @see metering.md 7 */
const SCANS = 20
const TIME = seconds(30)

/** The run of readings that say the same. */
export interface SameRun {
  readonly said: string
  /** The first of them: what it says was true then. */
  readonly first: MeterReading
  readonly scans: number
}

/** Takes in a reading. */
export function nextRun(run: SameRun | null, reading: MeterReading): SameRun {
  const said = saidBy(reading)
  return run?.said === said ? { ...run, scans: run.scans + 1 } : { said, first: reading, scans: 1 }
}

/**
 * Since when the meter repeats itself, or null. Only a meter that tells voltage and frequency can be judged: together
 * they never stand still, while a current may rest at 0 all night.
 */
export function frozenSince(run: SameRun, now: Monotonic): Monotonic | null {
  const { first, scans } = run
  if (first.voltageV === undefined || first.frequencyHz === undefined) return null
  const since = first.measuredAtMonotonic
  return scans >= SCANS && between(since, now) >= TIME ? since : null
}

const saidBy = ({ voltageV, frequencyHz, currentA, powerW, phasePowerW }: MeterReading): string =>
  [
    frequencyHz,
    powerW,
    ...PHASES.flatMap((phase) => [voltageV?.[phase], currentA?.[phase], phasePowerW?.[phase]]),
  ].join()

import { between, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { MeterReading } from '../domain/inputs.ts'
import type { VoltageBounds } from '../domain/load-balancing/rows.ts'

/** Voltages are believed for a minute. */
const WINDOW = minutes(1)
/** Whole steps, so that a volt of noise moves no limit. */
const STEP_V = 2
/** Supply tolerance where nothing is measured. @see EN 50160 */
const TOLERANCE = 0.1
/** Beyond this a figure is no supply voltage but a wrong register. */
const PLAUSIBLE = 0.3

/** The voltages seen lately at the site's meters. */
export class SeenVoltages {
  readonly #nominal: number
  #seen: { at: Monotonic; high: number; low: number }[] = []
  #bounds: VoltageBounds

  constructor(nominal: number) {
    this.#nominal = nominal
    this.#bounds = this.#worked()
  }

  note({ voltageV, measuredAtMonotonic: at }: MeterReading): void {
    const values = Object.values(voltageV ?? {}).filter(
      (value) => Math.abs(value / this.#nominal - 1) <= PLAUSIBLE,
    )
    if (values.length === 0) return
    this.#seen.push({ at, high: Math.max(...values), low: Math.min(...values) })
    this.expire(at)
  }

  /** Drops what is too old to be believed. */
  expire(now: Monotonic): void {
    this.#seen = this.#seen.filter((seen) => between(seen.at, now) <= WINDOW)
    this.#bounds = this.#worked()
  }

  /** The voltages to compute rows with: measured ones of the last minute, else the tolerance band of the nominal. */
  get bounds(): VoltageBounds {
    return this.#bounds
  }

  #worked(): VoltageBounds {
    const nominal = this.#nominal
    if (this.#seen.length === 0) return { highV: nominal * (1 + TOLERANCE), lowV: nominal * (1 - TOLERANCE) }
    return {
      highV: Math.ceil(Math.max(...this.#seen.map((seen) => seen.high)) / STEP_V) * STEP_V,
      lowV: Math.floor(Math.min(...this.#seen.map((seen) => seen.low)) / STEP_V) * STEP_V,
    }
  }
}

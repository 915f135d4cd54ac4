import type { Watts } from '@busbar/units/electricity.ts'
import { type Duration, type Instant, instant, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import { counterStep } from './counter.ts'
import { type EnergyCurve, energyCurve } from './energy-curve.ts'
import { LADDER } from './meter-trust.ts'

/** Wall time may drift from our own clock so far before it counts as set. */
const STEP = seconds(1)
/** The load of this long is taken to go on. */
const RECENT = minutes(1)
/** With less than this left, what is permitted no longer rises: nothing chases the rest of a window. */
const NEAR_END = seconds(60)
/** And never above this part of the limit, so that a window does not end in a spike. */
const MOST_OF_LIMIT = 1.2
/** A register serves when one of its steps is at most this part of a window at the limit. */
const FINE = 0.005
/** And agrees with the power to this part. @see metering.md 8, energy against power */
const AGREES = 0.1
/** Wh that come of counting in binary fractions alone. */
const NOTHING = 1e-6

export interface DemandOptions {
  /** Length of a window: 15, 30 or 60 minutes. */
  readonly length: Duration
  /** Contracted mean power of a window; null when there is none. */
  readonly limitW: number | null
  /** What the connection carries. */
  readonly ratingW: number
}

/** One reading of the meter at the grid connection. */
export interface DemandReading {
  readonly at: Monotonic
  readonly powerW?: Watts
  readonly importWh?: number
}

/** The present, and what to count for time that nobody measured. */
export interface DemandNow {
  readonly wall: Instant
  readonly at: Monotonic
  readonly reserveW: number
  /** Local time less UTC: windows stand on the local clock. */
  readonly utcOffset: Duration
}

/** The running window of the grid connection; powers are means, import only. */
export interface Demand {
  readonly start: Instant
  readonly end: Instant
  readonly soFarW: number
  /** Mean of the whole window when the load stays as it is. */
  readonly forecastW: number
  /** Mean that the rest may have under the limit; null without a limit. */
  readonly permittedW: number | null
  readonly limitW: number | null
  /** Part of it was not measured and counted at the reserve, or the clock was set. */
  readonly flagged: boolean
}

/**
 * Measures the demand of the grid connection in windows of the wall clock. Energy is counted along our own clock, which
 * never jumps, so a wall clock that is set only moves where on that count the window begins.
 * @see metering.md 9, demand window; load-balancing.md 10
 */
export class DemandMeter {
  readonly #options: DemandOptions
  readonly #curve: EnergyCurve
  #last: { readonly at: Monotonic; readonly powerW: number } | null = null
  #register: { readonly at: Monotonic; readonly wh: number } | null = null
  #step = 0
  #resolution = Number.POSITIVE_INFINITY
  #reserveW = 0
  #wall: { readonly wall: Instant; readonly at: Monotonic } | null = null
  #setAt: Monotonic | null = null

  constructor(options: DemandOptions) {
    this.#options = options
    this.#curve = energyCurve((options.length + 2 * RECENT) as Duration)
  }

  take({ at: measuredAt, powerW, importWh }: DemandReading): void {
    // a reading tells of the moment its first reply came; what was counted since then stays
    const at = Math.max(measuredAt, this.#curve.end ?? measuredAt) as Monotonic
    this.#advance(at)
    if (powerW !== undefined) this.#last = { at: measuredAt, powerW: Math.max(0, powerW) }
    if (importWh !== undefined) this.#count(at, importWh)
  }

  now({ wall, at, reserveW, utcOffset }: DemandNow): Demand {
    this.#reserveW = reserveW
    this.#advance(at)
    this.#noteWall(wall, at)
    const { length, limitW } = this.#options
    const start = Math.floor((wall + utcOffset) / length) * length - utcOffset
    const elapsed = wall - start
    const left = length - elapsed
    const begun = (at - elapsed) as Monotonic
    const { wh, unsureMs } = this.#curve.since(begun, reserveW)
    const powerW = this.#recentW(at)
    const soFarW = elapsed > 0 ? mean(wh, elapsed) : powerW
    return {
      start: instant(start),
      end: instant(start + length),
      soFarW,
      forecastW: mean(wh + energy(powerW, left), length),
      permittedW: limitW === null ? null : this.#permitted(limitW, { wh, left }),
      limitW,
      flagged: unsureMs > STEP || (this.#setAt !== null && this.#setAt > begun),
    }
  }

  #permitted(limitW: number, { wh, left }: { wh: number; left: number }): number {
    const rest = mean(energy(limitW, this.#options.length) - wh, Math.max(left, NEAR_END))
    return Math.max(0, Math.min(rest, MOST_OF_LIMIT * limitW, this.#options.ratingW))
  }

  /** Counts on to `at`: the last power while it stands, then the reserve. */
  #advance(at: Monotonic): void {
    const from = this.#curve.end
    if (from === null) {
      this.#curve.begin(at)
      return
    }
    const { powerW, stands } = this.#standing()
    const known = Math.min(at, Math.max(from, stands)) as Monotonic
    if (known > from) this.#curve.add({ to: known, powerW, sure: true })
    if (at > known) this.#curve.add({ to: at, powerW: Math.max(powerW, this.#reserveW), sure: false })
  }

  #standing(): { powerW: number; stands: number } {
    if (this.#last === null) return { powerW: 0, stands: Number.NEGATIVE_INFINITY }
    return { powerW: this.#last.powerW, stands: this.#last.at + LADDER.reserve }
  }

  /**
   * What the register rose by is truer than the sum of powers, also over a gap, if its steps are fine enough. One that
   * stands while power flows, or moves otherwise than the power, is not believed.
   */
  #count(at: Monotonic, wh: number): void {
    const before = this.#register
    if (before !== null && wh === before.wh) return
    this.#register = { at, wh }
    if (before === null) return
    const { ratingW, limitW, length } = this.#options
    const step = counterStep({ before: before.wh, now: wh, ms: at - before.at, maxW: ratingW })
    if (step === null) return
    this.#learnResolution(step)
    if (this.#resolution > FINE * energy(limitW ?? ratingW, length)) return
    const counted = this.#curve.since(before.at, 0)
    const measured = counted.unsureMs === 0 && this.#last !== null
    if (measured && Math.abs(step - counted.wh) > Math.max(this.#resolution, AGREES * counted.wh)) return
    this.#curve.correct(before.at, step)
  }

  /** Every step is a whole number of the register's own, and so is what two of them differ by. */
  #learnResolution(step: number): void {
    for (const whole of [step, Math.abs(step - this.#step)])
      if (whole > NOTHING) this.#resolution = Math.min(this.#resolution, whole)
    this.#step = step
  }

  #recentW(at: Monotonic): number {
    const from = Math.max(at - RECENT, this.#curve.start ?? at) as Monotonic
    if (from < at) return mean(this.#curve.since(from, 0).wh, at - from)
    return this.#last?.powerW ?? this.#reserveW
  }

  #noteWall(wall: Instant, at: Monotonic): void {
    const before = this.#wall
    if (before !== null && Math.abs(wall - before.wall - (at - before.at)) > STEP) this.#setAt = at
    this.#wall = { wall, at }
  }
}

const HOUR = 3_600_000
const energy = (powerW: number, ms: number): number => (powerW * ms) / HOUR
const mean = (wh: number, ms: number): number => (wh * HOUR) / ms

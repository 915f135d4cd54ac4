import { type PerPhase, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { Random } from '../random.ts'

export interface BuildingPlan {
  /** W in the quiet of the night. */
  readonly nightW: number
  /** W at the evening peak. */
  readonly peakW: number
  /** Random part, W either way. */
  readonly noiseW: number
  /** Loads that switch: on for `onS` of every `everyS` seconds while the local hour lies between the two. */
  readonly steps: readonly BuildingStep[]
}

export interface BuildingStep {
  readonly name: string
  readonly powerW: number
  readonly onS: number
  readonly everyS: number
  readonly fromHour: number
  readonly toHour: number
}

/** Local hours and the share of the way from night to peak. */
const DAY: readonly (readonly [number, number])[] = [
  [0, 0.1],
  [3, 0],
  [5, 0.35],
  [7, 0.8],
  [9, 0.55],
  [15, 0.6],
  [18, 1],
  [21, 0.5],
  [24, 0.1],
]
const SHARE: PerPhase<number> = { l1: 0.35, l2: 0.33, l3: 0.32 }
const NOISE_STEP_MS = 20_000
const HOUR_MS = 3_600_000

/** Everything at the site that is no vehicle. A function of time and seed alone, so it can be asked at any moment. */
export class Building {
  readonly #plan: BuildingPlan
  readonly #random: Random
  readonly #offsetMs: (at: Instant) => number
  #fixed: PerPhase<number> | null = null

  /** `offsetMs`: local time less UTC. */
  constructor(plan: BuildingPlan, random: Random, offsetMs: (at: Instant) => number) {
    this.#plan = plan
    this.#random = random
    this.#offsetMs = offsetMs
  }

  /** Holds the load at these watts until set to null. */
  set(load: number | PerPhase<number> | null): void {
    this.#fixed = typeof load === 'number' ? split(load) : load
  }

  /** W per conductor. */
  loadW(at: Instant): PerPhase<number> {
    if (this.#fixed) return this.#fixed
    const { nightW, peakW, noiseW } = this.#plan
    const local = at + this.#offsetMs(at)
    const hour = (local / HOUR_MS) % 24
    const curve = nightW + (peakW - nightW) * along(DAY, hour)
    const switched = this.#plan.steps.reduce(
      (sum, step) => sum + (isOn(step, local, hour) ? step.powerW : 0),
      0,
    )
    return split(curve + switched + noiseW * this.#noise(at))
  }

  /** Smooth, from -1 to 1. */
  #noise(at: Instant): number {
    const slot = Math.floor(at / NOISE_STEP_MS)
    const part = at / NOISE_STEP_MS - slot
    return this.#noiseAt(slot) * (1 - part) + this.#noiseAt(slot + 1) * part
  }

  #noiseAt(slot: number): number {
    return this.#random.fork(String(slot)).next() * 2 - 1
  }
}

function isOn(step: BuildingStep, localMs: number, hour: number): boolean {
  const inHours =
    step.fromHour <= step.toHour
      ? hour >= step.fromHour && hour < step.toHour
      : hour >= step.fromHour || hour < step.toHour
  return inHours && (localMs / 1000) % step.everyS < step.onS
}

const split = (watts: number): PerPhase<number> => perPhase((phase: Phase) => watts * SHARE[phase])

function along(curve: readonly (readonly [number, number])[], x: number): number {
  const after = Math.max(
    1,
    curve.findIndex(([from]) => from > x),
  )
  const [x0, y0] = curve[after - 1] ?? [0, 0]
  const [x1, y1] = curve[after] ?? [24, y0]
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}

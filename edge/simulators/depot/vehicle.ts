import type { Instant } from '@busbar/units/time.ts'
import { type Random, within } from '../random.ts'
import {
  type Conductors,
  type ConnectedVehicle,
  type Draw,
  NO_DRAW,
  type Offer,
} from '../station/connected-vehicle.ts'

export interface VehiclePlan {
  readonly id: string
  readonly idToken: string
  readonly batteryWh: number
  /** At arrival, 0 to 100. */
  readonly socPct: number
  /** Conductors its onboard charger uses. */
  readonly phases: 1 | 3
  /** Onboard charger, W over all its phases. */
  readonly maxAcW: number
  /** W at the battery's best. */
  readonly maxDcW: number
  /** Below this many A per phase it pauses; 6 when absent. */
  readonly minimumA?: number
  /** Charges no further than this SoC; 100 when absent. */
  readonly targetPct?: number
  /** From this SoC on it takes less and less; by its battery's curve when absent. */
  readonly taperPct?: number
  /** Offers after a pause that it sleeps through before one wakes it; 0 when absent, `Infinity` for one that never does. */
  readonly wakesAtOffer?: number
}

/** Battery over AC input of an onboard charger. */
export const AC_EFFICIENCY = 0.93
const DC_EFFICIENCY = 0.98
/** Below this a DC vehicle pauses. */
const MINIMUM_DC_W = 1000
/** Shares of the best power over SoC. */
type Curve = readonly (readonly [number, number])[]
const DC_CURVE: Curve = [
  [0, 0.7],
  [8, 1],
  [75, 1],
  [85, 0.65],
  [95, 0.25],
  [100, 0.08],
]
/** Share of the onboard charger's power over SoC: constant current until the cells are nearly full. */
const AC_CURVE: Curve = [
  [0, 1],
  [95, 1],
  [100, 0.15],
]

/** A battery on wheels: takes what it is offered, a little later, and less towards the end. */
export class Vehicle implements ConnectedVehicle {
  readonly id: string
  readonly idToken: string
  readonly #plan: VehiclePlan
  readonly #random: Random
  readonly #applied: LaggedLimit
  #socPct: number
  #full = false
  #asleep = 0
  #offered = false

  constructor(plan: VehiclePlan, random: Random) {
    this.id = plan.id
    this.idToken = plan.idToken
    this.#plan = plan
    this.#random = random
    this.#applied = new LaggedLimit(() => within(random, 1000, 3000))
    this.#socPct = plan.socPct
  }

  get socPct(): number {
    return this.#socPct
  }

  get full(): boolean {
    return this.#full
  }

  charge(offer: Offer | null, at: Instant, dtS: number): Draw {
    if (!offer || this.#full || this.#sleeps(offer)) {
      // What it drew before a pause is no part of what it draws after.
      this.#applied.reset()
      return NO_DRAW
    }
    const draw = offer.kind === 'ac' ? this.#drawAc(offer, at) : this.#drawDc(offer.limitW, at)
    const efficiency = offer.kind === 'ac' ? AC_EFFICIENCY : DC_EFFICIENCY
    const gainedWh = (draw.powerW * dtS * efficiency) / 3600
    const target = this.#plan.targetPct ?? 100
    this.#socPct = Math.min(target, this.#socPct + (100 * gainedWh) / this.#plan.batteryWh)
    this.#full = this.#socPct >= target
    return draw
  }

  #drawAc(offer: Extract<Offer, { kind: 'ac' }>, at: Instant): Draw {
    const limit = this.#applied.follow(offer.limitA, at)
    const phases = Math.min(this.#plan.phases, offer.phases)
    if (limit < (this.#plan.minimumA ?? 6)) return NO_DRAW
    const onboardA =
      (this.#plan.maxAcW / this.#plan.phases / 230) * along(this.#curve(AC_CURVE), this.#socPct)
    const current = Math.min(limit, onboardA) * this.#noise()
    const currentA: Conductors = [current, phases > 1 ? current : 0, phases > 1 ? current : 0]
    const powerW = currentA.reduce((sum, a, i) => sum + a * (offer.voltageV[i] ?? 0), 0)
    return { currentA, powerW }
  }

  #drawDc(limitW: number, at: Instant): Draw {
    const limit = this.#applied.follow(limitW, at)
    if (limit < MINIMUM_DC_W) return NO_DRAW
    const best = this.#plan.maxDcW * along(this.#curve(DC_CURVE), this.#socPct)
    return { currentA: [0, 0, 0], powerW: Math.min(limit, best) * this.#noise() }
  }

  #curve(own: Curve): Curve {
    const { taperPct } = this.#plan
    return taperPct === undefined
      ? own
      : [
          [0, 1],
          [taperPct, 1],
          [taperPct + 0.1, 0.4],
          [100, 0.1],
        ]
  }

  /** A pause after it has charged puts it to sleep; each offer after a pause is a try to wake it. */
  #sleeps(offer: Offer): boolean {
    const least = offer.kind === 'ac' ? (this.#plan.minimumA ?? 6) : MINIMUM_DC_W
    const enough = (offer.kind === 'ac' ? offer.limitA : offer.limitW) >= least
    if (enough && !this.#offered) this.#asleep--
    if (!enough && this.#offered && this.#asleep <= 0) this.#asleep = (this.#plan.wakesAtOffer ?? 0) + 1
    this.#offered = enough
    return this.#asleep > 0
  }

  /** Never above 1: a sound vehicle stays within what it is offered. */
  #noise(): number {
    return 1 - within(this.#random, 0, 0.012)
  }
}

/** A limit as the vehicle acts on it: each change takes its time, and a later one does not restart the wait. */
class LaggedLimit {
  readonly #lagMs: () => number
  #applied = 0
  #target = 0
  #due = 0

  constructor(lagMs: () => number) {
    this.#lagMs = lagMs
  }

  follow(target: number, at: number): number {
    if (target !== this.#target) {
      if (this.#target === this.#applied) this.#due = at + this.#lagMs()
      this.#target = target
    }
    if (at >= this.#due) this.#applied = this.#target
    return this.#applied
  }

  reset(): void {
    this.#applied = 0
    this.#target = 0
  }
}

/** Linear between the points of a curve. */
function along(curve: readonly (readonly [number, number])[], x: number): number {
  const after = curve.findIndex(([from]) => from >= x)
  const [x1, y1] = curve[after] ?? [100, 0]
  const [x0, y0] = curve[after - 1] ?? [x1, y1]
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}

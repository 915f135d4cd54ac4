import type { Corridor } from './plan.ts'
import { type PlanVehicle, SLOT_H, TAPER } from './plan-problem.ts'

/** Less than this is nothing to wait for or to be due, Wh. */
const NOTHING_WH = 100
/** Of a battery that nobody knows, the end takes longer. */
const UNKNOWN = 1.25
/** A vehicle takes about a third of its best in the mean where it tapers. */
const TAPERED = 3
/** Hours are counted this much longer, and so much is kept beside them, h; more once that was used up. */
const LONGER = 1.1
const KEPT_H = { at_first: 0.25, once_pressed: 1 } as const

/** A vehicle's part in a standing plan. */
export interface InPlan {
  readonly corridor: Corridor
  /** Since the plan was made, h. */
  readonly sinceH: number
  /** What it still needs now, Wh. */
  readonly leftWh: number
  /** Per slot of the plan; the last one goes on. */
  readonly prices: readonly number[]
  /** The price of this very moment. */
  readonly priceNow: number
}

/**
 * How long a vehicle waits for a cheaper time of its plan, h from now: until the next slot in which the plan gives it
 * anything, where that costs less than now. Null when it is due something already, when nothing comes, or when later is
 * no cheaper.
 */
export function waitsForH({ corridor, sinceH, leftWh, prices, priceNow }: InPlan): number | null {
  const slot = Math.floor(sinceH / SLOT_H + 1e-9)
  const wanted = corridor.byWh[slot]
  const has = Math.max(0, corridor.needWh - leftWh) + NOTHING_WH
  if (wanted === undefined || wanted > has) return null
  const next = corridor.byWh.findIndex((byWh, at) => at > slot && byWh > has)
  const price = prices[next] ?? prices.at(-1)
  if (next < 0 || price === undefined || price >= priceNow) return null
  return next * SLOT_H - sinceH
}

/**
 * Whether a vehicle that waits could still be ready by itself if it began now, with a quarter of an hour to spare: at
 * what it was seen to take, with its taper at the end of the battery.
 * @param of.takesW  what it was seen to take, W
 * @param of.pressed it had no time before: it waits again only with an hour to spare, so that it does not stop and go
 */
export function hasTimeToWait(vehicle: PlanVehicle, of: { takesW: number; pressed: boolean }): boolean {
  if (of.takesW <= 0) return false
  const keptH = of.pressed ? KEPT_H.once_pressed : KEPT_H.at_first
  return vehicle.slots * SLOT_H >= fillH(vehicle, of.takesW) * LONGER + keptH
}

function fillH({ needWh, battery }: PlanVehicle, takesW: number): number {
  if (battery === null) return (needWh / takesW) * UNKNOWN
  const untilTaper = Math.max(0, ((TAPER.fromPct - battery.socPct) / 100) * battery.Wh)
  const tapered = Math.max(0, needWh - untilTaper)
  return (needWh - tapered + tapered * TAPERED) / takesW
}

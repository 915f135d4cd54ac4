import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import type { Coefficient, Level } from '../../../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from '../../../domain/load-balancing/snapshot.ts'
import type { Network, PhasorLimit } from './network.ts'
import type { Moment, Present } from './simulate.ts'

/** Sides of the polygon inside each limit's circle: 48 leave at most 0.2 % of it out. */
const SIDES = 48

/** What the plan makes of a vehicle. */
export interface Standing {
  readonly weight: number
  readonly rank: number
  readonly guarantee?: Level
  readonly deferred?: boolean
}

/** The network as the product's rows: each limit as the sides of a polygon inside it, signed as phasors are. */
export class SiteRows {
  readonly rows: readonly SnapshotRow[]
  readonly #loads: readonly (readonly Coefficient[])[]

  /** @param worst counts no relief: a vehicle that relieves a limit may stop at any time */
  constructor(network: Network, worst = false) {
    const sides = network.limits.flatMap(sidesOf)
    const useful = sides.filter(({ factors }) => factors.some((factor) => factor > 1e-9))
    this.rows = useful.map(({ limit, at }) => ({
      id: `${limit.name}/${at}`,
      circuit: as<CircuitId>(limit.name),
      kind: 'l1',
      duty: worst ? 'protect' : 'contract',
      limit: capacityMa(limit),
      base: 0,
      capacity: capacityMa(limit),
      mayRise: true,
      mayStart: true,
    }))
    this.#loads = network.evses.map((_, place) =>
      useful.flatMap(({ factors }, row) => {
        const perLevel = factors[place] ?? 0
        return Math.abs(perLevel) > 1e-9 ? [{ row, perLevel }] : []
      }),
    )
  }

  /** What the product's balancer is given at a moment; levels in mA. */
  snapshot(moment: Moment, standingOf: (one: Present) => Standing): SiteSnapshot {
    const evses = moment.present.map((one) => this.#evse(one, { moment, standing: standingOf(one) }))
    return { rows: this.rows, evses, mayRise: true }
  }

  #evse(one: Present, of: { moment: Moment; standing: Standing }): SnapshotEvse {
    const { evse, stay } = one
    const levels = evse.steps.map((amps) => Math.round(amps * 1000))
    return {
      key: keyOf(one),
      loads: this.#loads[stay.evse] ?? [],
      steerable: true,
      hold: 0,
      expected: 0,
      fallback: 0,
      stuck: 0,
      current: Math.round(one.lastA * 1000),
      min: Math.round(evse.minA * 1000),
      max: mostMa(one, of.moment.periodMin),
      step: 1,
      wattsPerLevel: evse.voltageV / 1000,
      resting: false,
      ...(levels.length > 0 ? { levels } : {}),
      ...of.standing,
    }
  }
}

export const keyOf = ({ stay, evse }: Present): EvseKey => as<EvseKey>(`${evse.id}/${stay.id}`)

const capacityMa = ({ limitA }: PhasorLimit): number => Math.floor(limitA * Math.cos(Math.PI / SIDES) * 1000)

interface Side {
  readonly limit: PhasorLimit
  readonly at: number
  readonly factors: Float64Array
}

/** The sides of one limit, each with every EVSE's factor, less those that another one makes needless. */
function sidesOf(limit: PhasorLimit): Side[] {
  const sides = Array.from({ length: SIDES }, (_, at): Side => {
    const angle = (2 * Math.PI * (at + 0.5)) / SIDES
    const factors = limit.re.map(
      (re, place) => re * Math.cos(angle) + (limit.im[place] ?? 0) * Math.sin(angle),
    )
    return { limit, at, factors }
  })
  return sides.filter((side) => !sides.some((other) => makesNeedless(other, side)))
}

/** No EVSE loads the one side more than the other; of two alike the first stays. */
function makesNeedless(other: Side, side: Side): boolean {
  if (other === side || !other.factors.every((factor, place) => factor >= (side.factors[place] ?? 0) - 1e-9))
    return false
  const alike = side.factors.every((factor, place) => factor >= (other.factors[place] ?? 0) - 1e-9)
  return !alike || other.at < side.at
}

/**
 * The most worth offering for one step, mA: what the vehicle takes at best and what it still wants, up to the next
 * set-point, so that a last step below the lowest one is not left out.
 */
export function mostMa({ evse, stay, leftKwh }: Present, periodMin: number): Level {
  const takes = Math.min(evse.maxA, (stay.maxKw * 1000) / evse.voltageV)
  const wanted = Math.min(takes, (leftKwh * 60_000) / periodMin / evse.voltageV)
  const offered =
    evse.steps.length === 0 ? wanted : (evse.steps.find((step) => step >= wanted - 1e-9) ?? evse.maxA)
  return Math.ceil(offered * 1000 - 1e-6)
}

import { messageOf } from '@busbar/model/depot-error.ts'
import type { EvseKey } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import { loadAt } from '../../domain/load-balancing/rows.ts'
import { quantise } from '../../domain/load-balancing/set-points.ts'
import type { SiteSnapshot, SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import type { Planner } from '../../domain/ports/planner.ts'
import { makePlan } from '../../domain/scheduling/make-plan.ts'
import { owedW, type Plan } from '../../domain/scheduling/plan.ts'
import type { PlanProblem } from '../../domain/scheduling/plan-problem.ts'
import type { Aim, Want } from '../../domain/scheduling/standing.ts'
import type { Depot } from '../depot.ts'
import type { EvseNow } from '../use.ts'
import { OneStepStage } from './one-step.ts'
import { EARLY_H, type Planned, plannedVehicle } from './plan-vehicle.ts'

/** A plan is made anew this often, and stands for two such periods when no newer one comes. */
const PERIOD = minutes(15)
/** What happens in quick succession makes one plan. */
const AT_ONCE = seconds(20)
/** One solve's limit; the planner gives up at twice that. */
const LIMIT = seconds(3)
/** The base load may turn out this much higher than it is now. */
const BASE_ERROR = 0.1

const FAILED = 'planning.none'

interface Standing {
  readonly plan: Plan
  readonly at: Monotonic
  readonly of: ReadonlyMap<EvseKey, Planned>
}

/** The planner's part in the loop: asked beside it, never waited for. */
export class Planning {
  readonly #planner: Planner | undefined
  #standing: Standing | null = null
  #asked: { readonly at: Monotonic; readonly about: string } | null = null
  #busy = false
  #failures = 0
  readonly #oneStep: OneStepStage | null

  constructor(planner: Planner | undefined, aim: Aim | 'fair') {
    this.#planner = planner
    this.#oneStep = planner === undefined || aim === 'fair' ? null : new OneStepStage(planner, aim)
  }

  /** A plan is being made. */
  get busy(): boolean {
    return this.#busy || this.#oneStep?.busy === true
  }

  /** Asks for a plan where one is due, and gives the snapshot with what the standing one promises. */
  advise(depot: Depot, snapshot: SiteSnapshot, evses: readonly EvseNow[]): SiteSnapshot {
    if (this.#planner === undefined) return snapshot
    const present = plannedAmong(depot, snapshot, evses)
    this.#ask(depot, snapshot, present)
    const promised = this.#promised(depot, snapshot, present)
    return this.#oneStep?.advise(promised, wantsOf(depot, present), depot.monotonic) ?? promised
  }

  /** The same without asking for anything, for whoever wants to know what would be decided. */
  asStands(depot: Depot, snapshot: SiteSnapshot, evses: readonly EvseNow[]): SiteSnapshot {
    if (this.#planner === undefined) return snapshot
    const present = plannedAmong(depot, snapshot, evses)
    const promised = this.#promised(depot, snapshot, present)
    return this.#oneStep?.asStands(promised, wantsOf(depot, present), depot.monotonic) ?? promised
  }

  #ask(depot: Depot, snapshot: SiteSnapshot, present: ReadonlyMap<EvseKey, Planned>): void {
    const planner = this.#planner
    const at = depot.monotonic
    if (planner === undefined || this.#busy || present.size === 0) return
    const about = [...present.values()]
      .map(({ transaction, departureAt }) => `${transaction}@${departureAt}`)
      .join()
    const since = this.#asked === null ? Number.POSITIVE_INFINITY : between(this.#asked.at, at)
    if (since < (this.#asked?.about === about ? PERIOD : AT_ONCE)) return
    this.#asked = { at, about }
    this.#busy = true
    makePlan(problemOf(snapshot, present), planner, LIMIT)
      .then((made) => {
        if (made.kind === 'plan') this.#standing = { plan: made.plan, at, of: present }
        this.#told(depot, made.kind === 'plan' ? null : made.reason)
      })
      .catch((error: unknown) => this.#told(depot, messageOf(error)))
      .finally(() => {
        this.#busy = false
      })
  }

  /** One missed plan is nothing to tell of: the last one stands. */
  #told(depot: Depot, failure: string | null): void {
    this.#failures = failure === null ? 0 : this.#failures + 1
    if (failure === null) depot.deps.health.clear(FAILED)
    else if (this.#failures > 1)
      depot.deps.health.raise({
        code: FAILED,
        severity: 3,
        text: `No plan is made; current is shared by urgency alone: ${failure}`,
      })
  }

  #promised(depot: Depot, snapshot: SiteSnapshot, present: ReadonlyMap<EvseKey, Planned>): SiteSnapshot {
    const standing = this.#standing
    if (standing === null || between(standing.at, depot.monotonic) > 2 * PERIOD) return snapshot
    const sinceH = between(standing.at, depot.monotonic) / 3_600_000
    const evses = snapshot.evses.map((evse): SnapshotEvse => {
      const now = present.get(evse.key)
      const then = standing.of.get(evse.key)
      const corridor = standing.plan.get(evse.key)
      if (now === undefined || then === undefined || corridor === undefined) return evse
      // Another vehicle or another departure: the plan is not about this.
      if (now.transaction !== then.transaction || now.departureAt !== then.departureAt) return evse
      const powerW = owedW(corridor, { sinceH, leftWh: now.vehicle.needWh })
      const guarantee = quantise(evse, Math.min(evse.max, Math.ceil(powerW / evse.wattsPerLevel)))
      return guarantee > 0 ? { ...evse, guarantee } : evse
    })
    return { ...snapshot, evses }
  }
}

function plannedAmong(
  depot: Depot,
  snapshot: SiteSnapshot,
  evses: readonly EvseNow[],
): ReadonlyMap<EvseKey, Planned> {
  const bySnapshot = new Map(snapshot.evses.map((evse) => [evse.key, evse]))
  return new Map(
    evses.flatMap((now) => {
      const evse = bySnapshot.get(now.evse.key)
      const planned = evse && plannedVehicle(depot, now, evse)
      return planned === undefined ? [] : [[now.evse.key, planned] as const]
    }),
  )
}

const wantsOf = (depot: Depot, present: ReadonlyMap<EvseKey, Planned>): ReadonlyMap<EvseKey, Want> =>
  new Map(
    [...present].map(([key, { vehicle, departureAt }]) => {
      const hoursLeft = between(depot.now, departureAt) / 3_600_000 - EARLY_H
      return [key, { energyLeftWh: vehicle.needWh, bestW: vehicle.bestW, hoursLeft }]
    }),
  )

/** What is to be planned: capacity without those who are not planned for, and less what the base load may rise by. */
function problemOf(snapshot: SiteSnapshot, present: ReadonlyMap<EvseKey, Planned>): PlanProblem {
  const others = new Float64Array(snapshot.rows.length)
  for (const evse of snapshot.evses) {
    if (present.has(evse.key)) continue
    const level = evse.steerable ? Math.max(evse.fallback, evse.stuck) : evse.expected
    for (const c of evse.loads) others[c.row] = (others[c.row] ?? 0) + loadAt(c, level)
  }
  return {
    vehicles: [...present.values()].map(({ vehicle }) => vehicle),
    rows: snapshot.rows.map(({ duty, capacity, base }, row) => ({
      duty,
      capacity: capacity - (others[row] ?? 0) - Math.max(0, base) * BASE_ERROR,
    })),
    prices: [],
    peak: null,
  }
}

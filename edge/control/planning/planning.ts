import { messageOf } from '@busbar/model/depot-error.ts'
import type { EvseKey } from '@busbar/model/ids.ts'
import { between, hours, type Instant, later, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import { quantise } from '../../domain/load-balancing/set-points.ts'
import type { SiteSnapshot, SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import type { Planner } from '../../domain/ports/planner.ts'
import { hasTimeToWait, type InPlan, waitsForH } from '../../domain/scheduling/cheaper.ts'
import { makePlan } from '../../domain/scheduling/make-plan.ts'
import { owedW, type Plan } from '../../domain/scheduling/plan.ts'
import type { Aim, Want } from '../../domain/scheduling/standing.ts'
import type { Depot } from '../depot.ts'
import { type ManualState, overrideAt } from '../manual/state.ts'
import type { EvseNow } from '../use.ts'
import { OneStepStage } from './one-step.ts'
import { EARLY_H, type Planned, plannedVehicle } from './plan-vehicle.ts'
import { slotPrices } from './prices.ts'
import { problemOf } from './problem.ts'
import { TakenRates } from './taken-rates.ts'

/** A plan is made anew this often, and stands for two such periods when no newer one comes. */
const PERIOD = minutes(15)
/** What happens in quick succession makes one plan. */
const AT_ONCE = seconds(20)
/** One solve's limit; the planner gives up at twice that. */
const LIMIT = seconds(3)
/** A plan that leaves anyone shorter than this has no time to wait for a price, Wh. */
const SHORT_WH = 100

const FAILED = 'planning.none'

interface Standing {
  readonly plan: Plan
  readonly at: Monotonic
  readonly of: ReadonlyMap<EvseKey, Planned>
  /** Per slot of it; empty where energy costs the same always. */
  readonly prices: readonly number[]
}

/** What is decided on, and what people said of it. */
interface Present {
  readonly evses: readonly EvseNow[]
  readonly manual: ManualState
}

/** The planner's part in the loop: asked beside it, never waited for. */
export class Planning {
  readonly #planner: Planner | undefined
  #standing: Standing | null = null
  #asked: { readonly at: Monotonic; readonly about: string } | null = null
  #busy = false
  #failures = 0
  readonly #oneStep: OneStepStage | null
  readonly #rates = new TakenRates()
  #waits: Waits = { until: new Map(), pressed: new Set() }

  constructor(planner: Planner | undefined, aim: Aim | 'fair') {
    this.#planner = planner
    this.#oneStep = planner === undefined || aim === 'fair' ? null : new OneStepStage(planner, aim)
  }

  /** A plan is being made. */
  get busy(): boolean {
    return this.#busy || this.#oneStep?.busy === true
  }

  /** Until when a vehicle waits for a cheaper time by the last decision; undefined for one that does not. */
  waitsUntil(key: EvseKey): Instant | undefined {
    return this.#waits.until.get(key)
  }

  /** Asks for a plan where one is due, and gives the snapshot with what the standing one promises. */
  advise(depot: Depot, snapshot: SiteSnapshot, of: Present): SiteSnapshot {
    if (this.#planner === undefined) return snapshot
    const byKey = new Map(snapshot.evses.map((evse) => [evse.key, evse]))
    for (const now of of.evses)
      this.#rates.note(now, byKey.get(now.evse.key)?.wattsPerLevel ?? 0, depot.monotonic)
    const present = this.#planned(depot, snapshot, of.evses)
    this.#ask(depot, snapshot, present)
    this.#waits = this.#waitsOf(depot, present, of.manual)
    const promised = this.#promised(depot, snapshot, { present, waiting: this.#waits.until })
    return this.#oneStep?.advise(promised, wantsOf(depot, present), depot.monotonic) ?? promised
  }

  /** The same without asking for anything, for whoever wants to know what would be decided. */
  asStands(depot: Depot, snapshot: SiteSnapshot, of: Present): SiteSnapshot {
    if (this.#planner === undefined) return snapshot
    const present = this.#planned(depot, snapshot, of.evses)
    const waiting = this.#waitsOf(depot, present, of.manual).until
    const promised = this.#promised(depot, snapshot, { present, waiting })
    return this.#oneStep?.asStands(promised, wantsOf(depot, present), depot.monotonic) ?? promised
  }

  #planned(depot: Depot, snapshot: SiteSnapshot, evses: readonly EvseNow[]): ReadonlyMap<EvseKey, Planned> {
    const bySnapshot = new Map(snapshot.evses.map((evse) => [evse.key, evse]))
    return new Map(
      evses.flatMap((now) => {
        const evse = bySnapshot.get(now.evse.key)
        const planned = evse && plannedVehicle(depot, now, { evse, rates: this.#rates })
        return planned === undefined ? [] : [[now.evse.key, planned] as const]
      }),
    )
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
    const prices = depot.deps.priceAt === undefined ? [] : slotPrices(depot.deps.priceAt, depot.now)
    makePlan(problemOf(depot, snapshot, { present, prices }), planner, LIMIT)
      .then((made) => {
        if (made.kind === 'plan') this.#standing = { plan: made.plan, at, of: present, prices }
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

  #promised(depot: Depot, snapshot: SiteSnapshot, of: Advice): SiteSnapshot {
    const evses = snapshot.evses.map((evse): SnapshotEvse => {
      if (of.waiting.has(evse.key)) return paused(evse)
      const part = this.#partOf(depot, evse.key, of.present)
      if (part === undefined) return evse
      const powerW = owedW(part.corridor, part)
      const guarantee = quantise(evse, Math.min(evse.max, Math.ceil(powerW / evse.wattsPerLevel)))
      return guarantee > 0 ? { ...evse, guarantee } : evse
    })
    return { ...snapshot, evses }
  }

  /** Who waits for a cheaper time: only under a plan in which all are ready, and who surely still is. */
  #waitsOf(depot: Depot, present: Advice['present'], manual: ManualState): Waits {
    const standing = this.#standing
    const priceNow = depot.deps.priceAt?.(depot.now) ?? null
    const until = new Map<EvseKey, Instant>()
    const pressed = new Set([...this.#waits.pressed].filter((key) => present.has(key)))
    if (standing === null || priceNow === null || standing.prices.length === 0) return { until, pressed }
    if ([...standing.plan.values()].some(({ shortWh }) => shortWh > SHORT_WH)) return { until, pressed }
    for (const [key, { vehicle }] of present) {
      const part = this.#partOf(depot, key, present)
      const takesW = this.#rates.provenW(key, depot.monotonic)
      if (part === undefined || takesW === null || overrideAt(manual, key, depot.now) !== undefined) continue
      const forH = waitsForH({ ...part, prices: standing.prices, priceNow })
      if (forH === null) continue
      if (hasTimeToWait(vehicle, { takesW, pressed: pressed.has(key) })) {
        pressed.delete(key)
        until.set(key, later(depot.now, hours(forH)))
      } else pressed.add(key)
    }
    return { until, pressed }
  }

  /** A vehicle's part in the plan that stands, if it is about this transaction and this departure. */
  #partOf(depot: Depot, key: EvseKey, present: Advice['present']): Part | undefined {
    const standing = this.#standing
    if (standing === null || between(standing.at, depot.monotonic) > 2 * PERIOD) return undefined
    const now = present.get(key)
    const then = standing.of.get(key)
    const corridor = standing.plan.get(key)
    if (now === undefined || then === undefined || corridor === undefined) return undefined
    // Another vehicle or another departure: the plan is not about this.
    if (now.transaction !== then.transaction || now.departureAt !== then.departureAt) return undefined
    const sinceH = between(standing.at, depot.monotonic) / 3_600_000
    return { corridor, sinceH, leftWh: now.vehicle.needWh }
  }
}

/** Until when those wait that wait for a cheaper time, and who has no time to. */
interface Waits {
  readonly until: ReadonlyMap<EvseKey, Instant>
  readonly pressed: ReadonlySet<EvseKey>
}

interface Advice {
  /** Those who can be planned for. */
  readonly present: ReadonlyMap<EvseKey, Planned>
  /** Until when each of those waits that wait for a cheaper time. */
  readonly waiting: ReadonlyMap<EvseKey, Instant>
}

type Part = Pick<InPlan, 'corridor' | 'sinceH' | 'leftWh'>

/** Given nothing, and counted at its default all the same. */
const paused = (evse: SnapshotEvse): SnapshotEvse => ({
  ...evse,
  max: 0,
  guarantee: 0,
  stuck: Math.max(evse.stuck, evse.fallback),
})

const wantsOf = (depot: Depot, present: ReadonlyMap<EvseKey, Planned>): ReadonlyMap<EvseKey, Want> =>
  new Map(
    [...present].map(([key, { vehicle, departureAt }]) => {
      const hoursLeft = between(depot.now, departureAt) / 3_600_000 - EARLY_H
      return [key, { energyLeftWh: vehicle.needWh, bestW: vehicle.bestW, hoursLeft }]
    }),
  )

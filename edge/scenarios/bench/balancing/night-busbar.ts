import type { EvseKey } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { allocate } from '../../../domain/load-balancing/allocate.ts'
import { check } from '../../../domain/load-balancing/checker.ts'
import { promiseByDeparture } from '../../../domain/load-balancing/deadline-order.ts'
import { oneStepProgram, proposalOf } from '../../../domain/load-balancing/one-step-lp.ts'
import { type Level, loadAt } from '../../../domain/load-balancing/rows.ts'
import { quantise } from '../../../domain/load-balancing/set-points.ts'
import type { SiteSnapshot } from '../../../domain/load-balancing/snapshot.ts'
import { type Triage, triage, withTriage } from '../../../domain/load-balancing/triage.ts'
import type { Planner } from '../../../domain/ports/planner.ts'
import { bestStep } from '../../../domain/scheduling/best-step.ts'
import { makePlan } from '../../../domain/scheduling/make-plan.ts'
import { owedW, type Plan } from '../../../domain/scheduling/plan.ts'
import { type PlanProblem, SLOT_H } from '../../../domain/scheduling/plan-problem.ts'
import type { Want } from '../../../domain/scheduling/standing.ts'
import { withStanding } from '../../../domain/scheduling/with-standing.ts'
import { OUTLET_W, QUARTER, STEP_H } from './night-depot.ts'
import type { NightMethod, NightMoment, Parked } from './night-simulate.ts'
import { caseOf, hoursLeft, nightSnapshot } from './night-snapshot.ts'

/** One solve's limit, and how long before they leave buses are to be ready, as the loop has them. */
const LIMIT_S = 3
const EARLY_H = 0.25
/** The base load may turn out this much higher than it is. */
const BASE_ERROR = 0.1

interface Standing {
  readonly plan: Plan
  readonly step: number
  readonly about: string
}

/**
 * What the loop does, a step at a time: urgency, triage, the plan's promises, for readiness the program for one step,
 * then the allocation. The loop gives its plan no prices, and neither does this.
 * @param of.oneStep as with the aim `ready`; without it the aim is `fair`, the usual one
 */
export function busbarNight(of: { solve: Solver; oneStep: boolean }): NightMethod {
  let standing: Standing | undefined
  let last: Triage | undefined
  return async (moment) => {
    const plain = nightSnapshot(moment)
    const steered = new Set(plain.evses.flatMap(({ key, steerable }) => (steerable ? [key] : [])))
    const reached = moment.parked.filter(({ bus }) => steered.has(bus.evse.key))
    const cases = reached.map((one) => ({ ...caseOf(moment, one), wasDeferred: deferredIn(last, one) }))
    last = triage(plain, cases)
    const kept = { ...plain, evses: withTriage(plain.evses, last, cases) }
    const prioritised = promiseByDeparture(kept, last, cases)
    standing = await planned(prioritised, { moment, reached, standing, solve: of.solve })
    const promised = withPromises(prioritised, { moment, reached, standing })
    const snapshot = of.oneStep ? forReadiness(promised, { moment, reached, solve: of.solve }) : promised
    const shares = allocate(snapshot)
    return {
      levels: new Map([...shares].map(([key, { level }]) => [key, level])),
      faults: check(snapshot, shares).length,
    }
  }
}

const deferredIn = (last: Triage | undefined, { bus }: Parked): boolean =>
  last?.engaged === true && last.verdicts.get(bus.evse.key) === 'deferred'

interface Planning {
  readonly moment: NightMoment
  readonly reached: readonly Parked[]
  readonly standing: Standing | undefined
}

/** A new plan each quarter of an hour, and when somebody comes or goes; without one the last stands. */
async function planned(
  snapshot: SiteSnapshot,
  { moment, reached, standing, solve }: Planning & { solve: Solver },
): Promise<Standing | undefined> {
  const about = reached.map(({ bus }) => bus.evse.key).join()
  if (standing !== undefined && standing.about === about && moment.step - standing.step < QUARTER)
    return standing
  const planner: Planner = {
    solve: async (program, limit) => solve(program, limit / 1000),
    stop: async () => undefined,
  }
  const made = await makePlan(problemOf(snapshot, moment, reached), planner, seconds(LIMIT_S))
  return made.kind === 'plan' ? { plan: made.plan, step: moment.step, about } : standing
}

/** Without prices and peak, as the loop asks. */
function problemOf(snapshot: SiteSnapshot, moment: NightMoment, reached: readonly Parked[]): PlanProblem {
  const others = new Float64Array(snapshot.rows.length)
  const loads = new Map(snapshot.evses.map((evse) => [evse.key, evse.loads]))
  for (const { steerable, expected, loads: on } of snapshot.evses)
    if (!steerable) for (const c of on) others[c.row] = (others[c.row] ?? 0) + loadAt(c, expected)
  return {
    vehicles: reached.map((one) => ({
      key: one.bus.evse.key,
      loads: loads.get(one.bus.evse.key) ?? [],
      wattsPerLevel: 1,
      bestW: OUTLET_W,
      needWh: one.leftWh,
      slots: Math.max(0, Math.floor((hoursLeft(moment, one) - EARLY_H) / SLOT_H + 1e-9)),
      tier: 1,
      battery: { socPct: socPct(one), Wh: one.bus.batteryWh },
    })),
    rows: snapshot.rows.map(({ duty, capacity, base }, row) => ({
      duty,
      capacity: capacity - (others[row] ?? 0) - base * BASE_ERROR,
    })),
    prices: [],
    peak: null,
  }
}

const socPct = ({ bus, leftWh }: Parked): number => bus.socPct + (100 * (bus.needWh - leftWh)) / bus.batteryWh

/** Two quarters after it was made a plan promises nothing any more. */
function withPromises(snapshot: SiteSnapshot, { moment, reached, standing }: Planning): SiteSnapshot {
  if (standing === undefined || moment.step - standing.step > 2 * QUARTER) return snapshot
  const left = new Map(reached.map(({ bus, leftWh }) => [bus.evse.key, leftWh]))
  const sinceH = (moment.step - standing.step) * STEP_H
  const evses = snapshot.evses.map((evse) => {
    const [corridor, leftWh] = [standing.plan.get(evse.key), left.get(evse.key)]
    if (corridor === undefined || leftWh === undefined) return evse
    const guarantee = quantise(evse, Math.min(evse.max, Math.ceil(owedW(corridor, { sinceH, leftWh }))))
    return guarantee > 0 ? { ...evse, guarantee } : evse
  })
  return { ...snapshot, evses }
}

function forReadiness(
  snapshot: SiteSnapshot,
  { moment, reached, solve }: Omit<Planning, 'standing'> & { solve: Solver },
): SiteSnapshot {
  const wants = new Map(
    reached.map((one): [EvseKey, Want] => [
      one.bus.evse.key,
      { energyLeftWh: one.leftWh, hoursLeft: hoursLeft(moment, one) - EARLY_H, bestW: OUTLET_W },
    ]),
  )
  const aimed = withStanding(snapshot, wants, { aim: 'ready', periodH: STEP_H })
  const step = oneStepProgram(aimed)
  const answer = step === undefined ? undefined : solve(step.program, 1)
  if (step === undefined || answer?.kind !== 'solved') return aimed
  const takes = new Map([...wants].map(([key, { bestW }]): [EvseKey, Level] => [key, bestW]))
  const { shares } = bestStep(aimed, proposalOf(step, answer.values), takes)
  return {
    ...aimed,
    evses: aimed.evses.map((evse) => ({ ...evse, proposed: shares.get(evse.key)?.level ?? 0 })),
  }
}

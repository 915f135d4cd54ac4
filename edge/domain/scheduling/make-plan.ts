import type { Duration } from '@busbar/units/time.ts'
import type { Planner } from '../ports/planner.ts'
import { type Plan, toPlan } from './plan.ts'
import { type PlanProblem, SLOT_H } from './plan-problem.ts'
import { type PlanAim, type PlanProgram, planProgram } from './plan-program.ts'

/** A plan, or why there is none; none says nothing of an older plan. */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'none'; readonly reason: string }

/** Less than this short is not short, kWh. */
const SHORT_KWH = 0.1
/** Whole vehicles are weighed against each other up to this many; beyond, the shortfall stays as it falls. */
const MOST_TIGHT = 40

interface Solved {
  readonly of: PlanProgram
  readonly values: Float64Array
}

/**
 * Plans in up to three solves, each within `limit`: the least shortfall, by tiers; where not all can be ready, as many
 * as can be; then the least cost that needs no more shortfall. A later solve without an answer leaves the earlier one's
 * plan; the first without one leaves none. What the solver says is checked before it is a plan.
 */
export async function makePlan(problem: PlanProblem, planner: Planner, limit: Duration): Promise<Planned> {
  if (problem.vehicles.length === 0) return { kind: 'plan', plan: new Map() }
  const solve = async (aim: PlanAim): Promise<Solved | string> => {
    const of = planProgram(problem, aim)
    const answer = await planner.solve(of.program, limit)
    return answer.kind === 'solved' ? { of, values: answer.values } : answer.reason
  }
  const first = await solve({ kind: 'shortfall' })
  if (typeof first === 'string') return { kind: 'none', reason: first }
  const among = tight(problem, shortOf(first))
  const second = among.size > 0 ? await solve({ kind: 'ready', among }) : first
  const fair = checked(problem, second) ?? first
  const third = await solve({ kind: 'cost', shortKwh: shortOf(fair) })
  const best = checked(problem, third) ?? fair
  const plan = toPlan(problem, best.of, best.values)
  return typeof plan === 'string' ? { kind: 'none', reason: plan } : { kind: 'plan', plan }
}

const checked = (problem: PlanProblem, solved: Solved | string): Solved | undefined =>
  typeof solved === 'string' || typeof toPlan(problem, solved.of, solved.values) === 'string'
    ? undefined
    : solved

const shortOf = ({ of, values }: Solved): readonly number[] =>
  of.short.map((column) => Math.max(0, values[column] ?? 0))

/** Those whose readiness is at stake once somebody is short: the least time to spare first. */
function tight({ vehicles }: PlanProblem, shortKwh: readonly number[]): ReadonlySet<number> {
  if (!shortKwh.some((short) => short > SHORT_KWH)) return new Set()
  const spare = vehicles.map(({ slots, needWh, bestW }, v) => ({ v, h: slots * SLOT_H - needWh / bestW }))
  // One that cannot be ready even alone is no question.
  const open = spare.filter(({ h }) => h >= 0).sort((a, b) => a.h - b.h || a.v - b.v)
  return new Set(open.slice(0, MOST_TIGHT).map(({ v }) => v))
}

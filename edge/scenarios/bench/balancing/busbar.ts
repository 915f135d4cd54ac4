import type { EvseKey } from '@busbar/model/ids.ts'
import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { allocate, allocateWith } from '../../../domain/load-balancing/allocate.ts'
import { oneStepProgram, proposalOf } from '../../../domain/load-balancing/one-step-lp.ts'
import { quantise } from '../../../domain/load-balancing/set-points.ts'
import type { SiteSnapshot } from '../../../domain/load-balancing/snapshot.ts'
import { bestStep } from '../../../domain/scheduling/best-step.ts'
import type { Aim, Want } from '../../../domain/scheduling/standing.ts'
import { withStanding } from '../../../domain/scheduling/with-standing.ts'
import type { Network } from './network.ts'
import { keyOf, SiteRows } from './present-snapshot.ts'
import { MET_KWH, type Method, type Moment, type Present } from './simulate.ts'

/** Seconds that the solver may take for one step. */
const SOLVE_S = 5

/** The balancer alone: the product's filling by urgency. */
export function balancerAlone(network: Network): Method {
  const site = new SiteRows(network)
  return (moment) => amps(moment, allocate(site.snapshot(moment, (one) => weightOf(one, moment))))
}

/** The balancer with the planner's standing of vehicles and its program for one step. */
export function balancerWithPlanner(
  network: Network,
  of: { aim: Aim; solve: Solver; worst?: boolean },
): Method {
  const site = new SiteRows(network, of.worst)
  // Where any value is a set-point there is nothing to trade.
  const stepped = network.evses.some(({ steps }) => steps.length > 0)
  return (moment) => {
    const plain = site.snapshot(moment, (one) => weightOf(one, moment))
    const all = everythingFits(plain)
    if (all !== undefined) return amps(moment, all)
    const wants = new Map(moment.present.map((one) => [keyOf(one), wantOf(one, moment)]))
    const snapshot = withStanding(plain, wants, { aim: of.aim, periodH: moment.periodMin / 60 })
    const step = oneStepProgram(snapshot)
    const answer = step === undefined ? undefined : of.solve(step.program, SOLVE_S)
    const proposal =
      step !== undefined && answer?.kind === 'solved' ? proposalOf(step, answer.values) : undefined
    if (!stepped) return amps(moment, allocateWith(snapshot, proposal).shares)
    const takes = new Map(
      snapshot.evses.map(({ key, wattsPerLevel }) => [
        key,
        takesMa(wants.get(key), { wattsPerLevel, moment }),
      ]),
    )
    return amps(moment, bestStep(snapshot, proposal, takes).shares)
  }
}

/** What a vehicle draws at most in one step, whatever its set-point. */
function takesMa(want: Want | undefined, of: { wattsPerLevel: number; moment: Moment }): number {
  if (want === undefined) return Number.POSITIVE_INFINITY
  return Math.min(want.bestW, (want.energyLeftWh * 60) / of.moment.periodMin) / of.wattsPerLevel
}

type Shares = ReadonlyMap<EvseKey, { readonly level: number }>

/** Everyone's most, where no row binds: nothing is left to decide. */
function everythingFits(snapshot: SiteSnapshot): Shares | undefined {
  const shares = new Map(snapshot.evses.map((evse) => [evse.key, { level: quantise(evse, evse.max) }]))
  const loads = new Float64Array(snapshot.rows.length)
  for (const { key, loads: on } of snapshot.evses)
    for (const { row, perLevel } of on)
      loads[row] = (loads[row] ?? 0) + perLevel * (shares.get(key)?.level ?? 0)
  return snapshot.rows.every(({ capacity }, row) => (loads[row] ?? 0) + snapshot.evses.length <= capacity)
    ? shares
    : undefined
}

const amps = (moment: Moment, shares: Shares): number[] =>
  moment.present.map((one) => (shares.get(keyOf(one))?.level ?? 0) / 1000)

const bestKw = ({ evse, stay }: Present): number => Math.min(stay.maxKw, (evse.maxA * evse.voltageV) / 1000)

function wantOf(one: Present, { step, periodMin }: Moment): Want {
  return {
    energyLeftWh: one.leftKwh * 1000,
    hoursLeft: ((one.stay.departure - step) * periodMin) / 60,
    bestW: bestKw(one) * 1000,
    toleranceWh: MET_KWH * 950,
  }
}

function weightOf(one: Present, { step, periodMin }: Moment) {
  const hours = ((one.stay.departure - step) * periodMin) / 60
  const laxity = hours - one.leftKwh / bestKw(one)
  return { weight: 1 + 3 / (1 + Math.exp(laxity - 1)), rank: one.stay.departure }
}

import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { earliestDeadline, firstCome, leastLaxity, roundRobin } from './baselines.ts'
import { type Bounds, bounds } from './bounds.ts'
import { balancerAlone, balancerWithPlanner } from './busbar.ts'
import { idealised, type Network, withTransformer } from './network.ts'
import type { Outcome } from './outcome.ts'
import type { Workload } from './sessions.ts'
import { SHIPPED_BOUNDS } from './shipped-bounds.ts'
import { type Method, type MonthResult, simulate } from './simulate.ts'

/** The limits as the file has them. */
export const OWN = 0

export interface MonthRun {
  readonly network: Network
  readonly workload: Workload
  /** kW; `OWN` stands for the network as it is. */
  readonly caps: readonly number[]
  readonly solve: Solver
  /** The workload that ships, for which floors hold and bounds are stored. */
  readonly shipped: boolean
  /** Set-points of the stations alone, and no baselines but the one that is compared with. */
  readonly quick: boolean
}

/** Floors for the shipped workload with real set-points. */
const FLOORS: Readonly<Record<string, number>> = {
  ...{ energy_ratio_20: 0.975, energy_ratio_30: 0.98, energy_ratio_40: 0.99, energy_ratio_50: 0.998 },
  ...{ ready_ratio_20: 0.77, ready_ratio_30: 0.87, ready_ratio_40: 0.97, ready_ratio_50: 0.99 },
  ...{ ready_minus_edf_20: 8, ready_minus_edf_30: 6, ready_minus_edf_40: 5, ready_minus_edf_50: 3 },
  ...{ triage_energy_minus_edf_20: 0, triage_energy_minus_edf_30: 0, triage_energy_minus_edf_40: 0 },
}
/** What we are after beyond them: told when missed, and no failure. */
const STRETCH: Readonly<Record<string, number>> = {
  ...{ energy_ratio_20: 0.985, energy_ratio_30: 0.988, energy_ratio_40: 0.995, energy_ratio_50: 0.998 },
  ...{ ready_ratio_20: 0.85, ready_ratio_30: 0.92, ready_ratio_40: 0.98, ready_ratio_50: 0.995 },
}

type Methods = readonly (readonly [name: string, of: (network: Network) => Method])[]

const methods = ({ solve, quick }: MonthRun): Methods => [
  ...(quick
    ? []
    : ([
        ['first come', firstCome],
        ['round robin', roundRobin],
        ['least laxity', leastLaxity],
        ['balancer alone', balancerAlone],
      ] as const)),
  ['EDF', earliestDeadline],
  ['for energy', (network) => balancerWithPlanner(network, { aim: 'energy', solve })],
  ['for readiness', (network) => balancerWithPlanner(network, { aim: 'ready', solve })],
]

/** A month through every method at every size of the transformer. */
export function month(run: MonthRun, outcome: Outcome): void {
  for (const kw of run.caps) {
    const network = kw === OWN ? run.network : withTransformer(run.network, kw)
    const bound = (run.shipped ? SHIPPED_BOUNDS[kw] : undefined) ?? bounds(network, run.workload, run.solve)
    if (!run.quick) atSetPoints('any set-point', idealised(network), { run, bound, outcome })
    const results = atSetPoints('real set-points', network, { run, bound, outcome })
    figuresOf(kw, { results, bound, outcome })
    if (!run.quick) worstCorner(network, { run, bound, outcome })
  }
  if (!run.shipped) return
  const ran = ([name]: readonly [string, number]) => run.caps.some((kw) => name.endsWith(`_${kw}`))
  outcome.floors(Object.fromEntries(Object.entries(FLOORS).filter(ran)))
  outcome.stretch(STRETCH)
}

interface Of {
  readonly run: MonthRun
  readonly bound: Bounds
  readonly outcome: Outcome
}

type Results = ReadonlyMap<string, MonthResult>

function atSetPoints(title: string, network: Network, { run, bound, outcome }: Of): Results {
  const { requestedKwh, stays } = totals(run.workload)
  outcome.say(
    `\n${network.transformerKw ?? 'as they are:'} kW, ${title}: bounds ${percent(bound.energyKwh / requestedKwh)} / ${percent(bound.ready / stays)}`,
  )
  outcome.say('                  delivered %  ready %  of B3   of B4   peak kW  row use  changes/h  Jain')
  const results = new Map<string, MonthResult>()
  for (const [name, of] of methods(run)) {
    const result = simulate(network, run.workload, of(network))
    results.set(name, result)
    outcome.say(line(name, result, bound))
    outcome.violated(result.violations)
  }
  return results
}

/** Where relief by a vehicle that may stop at any time is never counted: what that safety costs. */
function worstCorner(network: Network, { run, bound, outcome }: Of): void {
  const method = balancerWithPlanner(network, { aim: 'energy', solve: run.solve, worst: true })
  const result = simulate(network, run.workload, method)
  outcome.say(line('energy, worst', result, bound))
  outcome.violated(result.violations)
}

function figuresOf(
  kw: number,
  { results, bound, outcome }: { results: Results; bound: Bounds; outcome: Outcome },
): void {
  const [edf, energy, ready] = ['EDF', 'for energy', 'for readiness'].map((name) => results.get(name))
  if (edf === undefined || energy === undefined || ready === undefined) return
  outcome.figure(`energy_ratio_${kw}`, energy.deliveredKwh / bound.energyKwh)
  outcome.figure(`ready_ratio_${kw}`, ready.ready / bound.ready)
  outcome.figure(`ready_minus_edf_${kw}`, (100 * (ready.ready - edf.ready)) / edf.stays, 2)
  outcome.figure(
    `triage_energy_minus_edf_${kw}`,
    (100 * (ready.deliveredKwh - edf.deliveredKwh)) / edf.requestedKwh,
    2,
  )
}

const totals = ({ stays }: Workload) => ({
  requestedKwh: stays.reduce((sum, stay) => sum + stay.requestedKwh, 0),
  stays: stays.length,
})

const percent = (share: number): string => (100 * share).toFixed(1)

function line(name: string, of: MonthResult, bound: Bounds): string {
  const cells = [
    [percent(of.deliveredKwh / of.requestedKwh), 11],
    [percent(of.ready / of.stays), 9],
    [(of.deliveredKwh / bound.energyKwh).toFixed(4), 9],
    [(of.ready / bound.ready).toFixed(4), 8],
    [of.peakKw.toFixed(1), 8],
    [of.worstUse.toFixed(3), 9],
    [of.changesPerHour.toFixed(2), 10],
    [of.jain.toFixed(2), 7],
  ] as const
  return name.padEnd(16) + cells.map(([text, width]) => text.padStart(width)).join('')
}

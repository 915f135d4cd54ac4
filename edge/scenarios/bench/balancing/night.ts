import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { nightEdf, nightUncontrolled } from './night-baselines.ts'
import { type NightBound, nightBound } from './night-bound.ts'
import { busbarNight } from './night-busbar.ts'
import { nightDepot } from './night-depot.ts'
import { type NightMethod, type NightResult, simulateNight } from './night-simulate.ts'
import type { Outcome } from './outcome.ts'

const SEED = 60
/** Fifteen buses each. */
const FEEDERS = 4
/** What must not be missed, from the first run: two buses in sixty, and a little of the cost. */
const FLOORS = { night_ready_pct: 95 }
const MOST_OF_BOUND = 1.3

/** A night of a bus depot through the product's plan and balancer, held against the least cost with all known before. */
export async function night(of: { solve: Solver; quick: boolean }, outcome: Outcome): Promise<void> {
  const { solve, quick } = of
  const depot = nightDepot(SEED, FEEDERS)
  const bound = nightBound(depot, solve)
  const needKwh = depot.buses.reduce((sum, { needWh }) => sum + needWh, 0) / 1000
  outcome.say(
    `\nnight       ${depot.buses.length} buses need ${needKwh.toFixed(0)} kWh; bound: ${bound.shortKwh.toFixed(0)} kWh short, cost ${bound.cost.toFixed(0)}, peak ${bound.peakKw.toFixed(0)} kW`,
  )
  outcome.say('                  ready %  short kWh     cost  of B5  peak kW')
  const methods: readonly (readonly [name: string, method: NightMethod])[] = [
    ['uncontrolled', nightUncontrolled],
    ['EDF', nightEdf],
    ...(quick ? [] : ([['for readiness', busbarNight({ solve, oneStep: true })]] as const)),
    ['fair', busbarNight({ solve, oneStep: false })],
  ]
  for (const [name, method] of methods) {
    const result = await simulateNight(depot, method)
    outcome.say(line(name, result, { buses: depot.buses.length, bound }))
    outcome.violated(result.violations)
    if (name === 'fair') figuresOf(result, { buses: depot.buses.length, bound, outcome })
  }
}

interface Of {
  readonly buses: number
  readonly bound: NightBound
}

function figuresOf(result: NightResult, { buses, bound, outcome }: Of & { outcome: Outcome }): void {
  outcome.figure('night_ready_pct', (100 * result.ready) / buses, 1)
  outcome.figure('night_cost_ratio', result.cost / bound.cost)
  outcome.figure('night_peak_kw', result.peakKw, 1)
  outcome.floors(FLOORS)
  outcome.stretch({ night_ready_pct: 100 })
  const ratio = result.cost / bound.cost
  if (ratio > MOST_OF_BOUND)
    outcome.fail(`the night costs ${ratio.toFixed(3)} of the bound, above ${MOST_OF_BOUND}`)
}

function line(name: string, of: NightResult, { buses, bound }: Of): string {
  const cells = [
    [((100 * of.ready) / buses).toFixed(1), 9],
    [of.shortKwh.toFixed(1), 11],
    [of.cost.toFixed(0), 9],
    [(of.cost / bound.cost).toFixed(3), 7],
    [of.peakKw.toFixed(1), 9],
  ] as const
  return name.padEnd(16) + cells.map(([text, width]) => text.padStart(width)).join('')
}

import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import { between, seconds } from '@busbar/units/time.ts'
import { treeFault } from '../../domain/site/trust/tree.ts'
import { unbalanceFault } from '../../domain/site/trust/unbalance.ts'
import type { Depot } from '../depot.ts'
import type { EvseNow } from '../use.ts'
import { drawnAtLeast } from './below.ts'
import { content, found } from './examine.ts'
import type { MeterWatch } from './meter-watch.ts'
import { judge } from './self-testing.ts'
import { watchSteps } from './station-steps.ts'

/** Ticks in a row: what stations tell lags. */
const TREE_TIMES = 10
const UNBALANCE_TIMES = 10
/** Reports are as old as this when a meter is held against them. */
const ALIGNED = seconds(65)
const MOST_GAP = seconds(10)

/** Holds every meter against what hangs below it; run each tick. */
export function watchMeters(depot: Depot, evses: readonly EvseNow[]): void {
  const generates = [...depot.setup.site.meters.values()].some(({ role }) => role === 'der')
  for (const watch of depot.watches.values()) {
    endPause(depot, watch)
    const last = watch.recent.at(-1)
    if (last === undefined || between(last.measuredAtMonotonic, depot.monotonic) > seconds(5)) continue
    // A part of a virtual meter sees only a share of what hangs below.
    const measures = depot.setup.site.circuits.get(watch.place.circuit)?.meter === watch.place.id
    if (measures && !generates) watchTree(depot, watch, evses)
    const unlike = unbalanceFault(last.currentA, watch.rating, watch.place.unbalanceLimitA ?? null)
    if (unlike === null) content(depot, watch, 'unbalance')
    else found(depot, watch, { check: 'unbalance', text: unlike, times: UNBALANCE_TIMES })
    if (measures) watchSteps(depot, watch, evses)
  }
}

/** What hangs below in between generates: then nothing can be said of the sum. */
function watchTree(depot: Depot, watch: MeterWatch, evses: readonly EvseNow[]): void {
  const most = mostRead(depot, watch)
  if (most === null) return
  const fault = treeFault(drawnAtLeast(depot, watch, evses), most)
  const stood = watch.findings.has('tree')
  if (fault === null) content(depot, watch, 'tree')
  else found(depot, watch, { check: 'tree', text: fault, times: TREE_TIMES })
  if (stood !== watch.findings.has('tree')) judge(depot, watch)
}

/** The most each conductor read while the stations' reports were made; null where readings of that time are missing. */
function mostRead(depot: Depot, { recent }: MeterWatch): Partial<PerPhase<number>> | null {
  const times = recent.map(({ measuredAtMonotonic }) => measuredAtMonotonic)
  const gap = times.some((at, index) => at - (times[index - 1] ?? at) > MOST_GAP)
  if (gap || between(times[0] ?? depot.monotonic, depot.monotonic) < ALIGNED) return null
  const most: { l1?: number; l2?: number; l3?: number } = {}
  for (const { measuredAtMonotonic, currentA } of recent) {
    if (between(measuredAtMonotonic, depot.monotonic) > ALIGNED) continue
    for (const phase of PHASES) {
      const value = currentA?.[phase]
      if (value !== undefined) most[phase] = Math.max(most[phase] ?? value, value)
    }
  }
  return most
}

function endPause(depot: Depot, watch: MeterWatch): void {
  const { pause } = watch.test
  if (pause !== null && depot.monotonic > pause.until)
    watch.test = { ...watch.test, pause: null, by: 'controller' }
}

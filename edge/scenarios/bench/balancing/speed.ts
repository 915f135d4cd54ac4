import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { allocate, allocateWith } from '../../../domain/load-balancing/allocate.ts'
import { check, checkReasons } from '../../../domain/load-balancing/checker.ts'
import { oneStepProgram, proposalOf } from '../../../domain/load-balancing/one-step-lp.ts'
import { nextStep } from '../../../domain/load-balancing/set-points.ts'
import type { SiteSnapshot, SnapshotEvse } from '../../../domain/load-balancing/snapshot.ts'
import { transition } from '../../../domain/load-balancing/transition.ts'
import { ProgramBuilder } from '../../../domain/scheduling/program-builder.ts'
import { seededRandom } from '../../../simulators/random.ts'
import type { Outcome } from './outcome.ts'
import { randomSite } from './random-site.ts'

const SIZES = [50, 200, 500, 1000]
const ROOM = [0.4, 1] as const

/** One pass of the balancer as the loop runs it; returns the faults found, of which there must be none. */
function pass(snapshot: SiteSnapshot): number {
  const shares = allocate(snapshot)
  const faults = check(snapshot, shares).length + checkReasons(snapshot, shares, { next: nextStep }).length
  transition(snapshot, shares)
  return faults
}

const siteOf = (evses: number, seed: number): SiteSnapshot =>
  randomSite(seededRandom(seed), { evses, circuits: Math.max(3, Math.round(evses / 5)), room: ROOM })

const percentile = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil((p / 100) * values.length) - 1)] ?? Number.NaN

/** How long a whole pass takes, on sites it has not seen before. */
export function alloc({ passes }: { passes: number }, outcome: Outcome): void {
  outcome.say('\nalloc    EVSEs   rows  first ms  p50 ms  p99 ms')
  for (const evses of SIZES) {
    const times: number[] = []
    let rows = 0
    for (let n = 0; n <= passes; n++) {
      const snapshot = siteOf(evses, 1000 * evses + n)
      rows = snapshot.rows.length
      const start = performance.now()
      outcome.violated(pass(snapshot))
      times.push(performance.now() - start)
    }
    const [first = 0, ...later] = times
    const cells = [first, percentile(later, 50), percentile(later, 99)].map((ms) => ms.toFixed(2).padStart(8))
    outcome.say(`${String(evses).padStart(13)}${String(rows).padStart(7)}  ${cells.join('')}`)
    outcome.figure(`p50_ms_${evses}`, percentile(later, 50), 2)
    outcome.figure(`p99_ms_${evses}`, percentile(later, 99), 2)
  }
}

/** Current that flows in all phases, of the most that the rows and vehicles allow with set-points of any value. */
export function ratio(of: { solve: Solver; sites: number }, outcome: Outcome): void {
  outcome.say('\nratio    EVSEs   filling: mean   least   with the program: mean   least')
  for (const evses of [10, 50, 100, 200, 500]) {
    const count = Math.max(3, Math.ceil(of.sites / Math.max(1, evses / 100)))
    const ratios = Array.from({ length: count }, (_, n) =>
      ratiosOf(siteOf(evses, 7000 * evses + n), of.solve),
    )
    const [filling, program] = [ratios.map(([first]) => first), ratios.map(([, second]) => second)]
    const cells = [mean(filling), Math.min(...filling), mean(program), Math.min(...program)]
    outcome.say(
      `${String(evses).padStart(13)}   ${cells.map((cell) => cell.toFixed(4).padStart(12)).join('')}`,
    )
    outcome.figure(`lp_ratio_mean_${evses}`, mean(program))
    outcome.figure(`fill_ratio_mean_${evses}`, mean(filling))
  }
  outcome.floors({ lp_ratio_mean_100: 0.985, lp_ratio_mean_200: 0.985, lp_ratio_mean_500: 0.985 })
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

function ratiosOf(weighted: SiteSnapshot, solve: Solver): readonly [filling: number, program: number] {
  // For throughput an ampere is an ampere, whoever gets it.
  const evses = weighted.evses.map((evse) => ({ ...evse, weight: ampsPerLevel(evse) / evse.wattsPerLevel }))
  const snapshot = { ...weighted, evses }
  const most = mostAmps(snapshot, solve)
  const step = oneStepProgram(snapshot)
  const answer = step === undefined ? undefined : solve(step.program, 10)
  const proposal =
    step !== undefined && answer?.kind === 'solved' ? proposalOf(step, answer.values) : undefined
  return [
    ampsOf(snapshot, allocate(snapshot)) / most,
    ampsOf(snapshot, allocateWith(snapshot, proposal).shares) / most,
  ]
}

/** Of all phases at the EVSE's own circuit, per unit of its level. */
function ampsPerLevel({ loads }: SnapshotEvse): number {
  const own = Math.max(...loads.map(({ row }) => Math.floor(row / 3)))
  return loads.reduce((sum, { row, perLevel }) => (Math.floor(row / 3) === own ? sum + perLevel : sum), 0)
}

const ampsOf = ({ evses }: SiteSnapshot, shares: ReturnType<typeof allocate>): number =>
  evses.reduce((sum, evse) => sum + ampsPerLevel(evse) * (shares.get(evse.key)?.level ?? 0), 0)

/** The plain program, written apart from the product's. */
function mostAmps(snapshot: SiteSnapshot, solve: Solver): number {
  const builder = new ProgramBuilder()
  const columns = snapshot.evses.map((evse) =>
    builder.column({ upper: evse.max / 1000, cost: -ampsPerLevel(evse) }),
  )
  const terms = snapshot.rows.map((): { column: number; value: number }[] => [])
  snapshot.evses.forEach(({ loads }, at) => {
    for (const { row, perLevel } of loads) terms[row]?.push({ column: columns[at] ?? 0, value: perLevel })
  })
  snapshot.rows.forEach(({ capacity }, row) => {
    builder.row(terms[row] ?? [], { upper: capacity / 1000 })
  })
  const answer = solve(builder.build(), 60)
  if (answer.kind === 'none') return Number.NaN
  return snapshot.evses.reduce(
    (sum, evse, at) => sum + ampsPerLevel(evse) * 1000 * (answer.values[at] ?? 0),
    0,
  )
}

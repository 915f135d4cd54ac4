import { parseArgs } from 'node:util'
import { DepotError } from '@busbar/model/depot-error.ts'
import { loadSolver } from '../../../adapters/planner/worker/solver.ts'
import { bounds } from './bounds.ts'
import { faults } from './faults.ts'
import { month, OWN } from './month.ts'
import { readNetwork, withTransformer } from './network.ts'
import { night } from './night.ts'
import { Outcome } from './outcome.ts'
import { readSessions } from './sessions.ts'
import { alloc, ratio } from './speed.ts'
import { SHIPPED_SEED, syntheticMonth } from './synthetic-month.ts'
import { violations } from './violations.ts'

/**
 * How well and how fast current is shared: offline, fixed seeds. A table on stderr, one line of JSON on stdout, exit
 * code 1 when a limit was passed or a floor missed.
 */
const USAGE =
  'npm run -s bench:balancing -- [--quick] [--network FILE] [--sessions FILE] [--caps 20,30] [--part month] [--bounds]'
const PARTS = ['alloc', 'ratio', 'violations', 'month', 'night', 'faults'] as const
const CAPS = [20, 30, 40, 50, 70]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    network: { type: 'string' },
    sessions: { type: 'string' },
    caps: { type: 'string' },
    part: { type: 'string' },
    bounds: { type: 'boolean', default: false },
  },
})
const parts = PARTS.filter((part) => values.part === undefined || values.part === part)
const network = readNetwork(values.network ?? new URL('./network-caltech.json', import.meta.url))
const shipped = values.sessions === undefined && values.network === undefined
const usual = network.transformerKw === null ? [OWN] : values.quick ? [20, 50] : CAPS
const caps = values.caps?.split(',').map(Number) ?? usual
if (parts.length === 0 || caps.some((kw) => !(kw > 0 || kw === OWN)))
  throw new DepotError('bench.arguments', USAGE)

const workload =
  values.sessions === undefined
    ? syntheticMonth(network, SHIPPED_SEED)
    : readSessions(values.sessions, network)
const solve = await loadSolver()
const outcome = new Outcome()
for (const text of workload.left) outcome.say(`left out: ${text}`)

if (values.bounds)
  for (const kw of caps)
    outcome.say(`  ${kw}: ${JSON.stringify(bounds(withTransformer(network, kw), workload, solve))},`)
else {
  const { quick } = values
  if (parts.includes('alloc')) alloc({ passes: quick ? 30 : 200 }, outcome)
  if (parts.includes('ratio')) ratio({ solve, sites: quick ? 10 : 60 }, outcome)
  if (parts.includes('violations')) violations({ instances: quick ? 5000 : 100_000 }, outcome)
  if (parts.includes('month'))
    month({ network, workload, caps, solve, shipped, quick: values.quick }, outcome)
  if (parts.includes('night')) await night({ solve, quick }, outcome)
  if (parts.includes('faults')) await faults({ seconds: quick ? 1500 : 3600, seed: 2026 }, outcome)
  process.exitCode = outcome.end('balancing') ? 0 : 1
}

import { seconds } from '@busbar/units/time.ts'
import { levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { setLevel } from '../set-level.ts'
import { look, near } from '../sight.ts'
import { setPoints } from './levels.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

const LEASE = seconds(60)
/** A station's clock may be this much off, and a vehicle takes time to follow. */
const LATE = seconds(15)

/** A limit that nobody renews: it has to run out, and the default to hold from then on. */
export async function duration(depot: Depot, run: Run): Promise<Told> {
  const { mid } = setPoints(depot, run)
  const fallback = levelOf(run.evse.fallback)
  await setLevel(depot, run, { level: mid, lease: LEASE })
  await run.pass(LEASE)
  await run.pass(LATE)
  const { level, own } = await look(depot, run, {
    level: fallback,
    since: depot.monotonic,
    atMost: seconds(40),
  })
  const drawn = level ?? own
  if (drawn === null) return { result: 'not-checked', text: 'nobody saw what it drew' }
  if (near(drawn, fallback) || drawn < fallback)
    return { result: 'passed', text: `its limit ran out and it returned to ${shown(run.evse, drawn)}` }
  if (near(drawn, mid)) {
    run.measured({ offline: 'keeps' })
    return { result: 'deviates', text: 'its limit does not run out: it keeps the last one' }
  }
  fallsBackTo(run, drawn)
  return {
    result: 'deviates',
    text: `its limit ran out and it went to ${shown(run.evse, drawn)}, not to its default of ${shown(run.evse, fallback)}`,
  }
}

/** What it falls back to by itself; up at what the vehicle takes nothing bounds it but the rating. */
export function fallsBackTo(run: Run, drawn: number): void {
  if (drawn >= run.top || near(drawn, run.top)) run.measured({ offline: 'full' })
  else if (run.evse.current === 'ac') run.measured({ 'fallback-a': Math.ceil(drawn / 1000) })
  else run.measured({ offline: 'full' })
}

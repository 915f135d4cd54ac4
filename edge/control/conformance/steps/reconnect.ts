import { seconds } from '@busbar/units/time.ts'
import { levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { look, near } from '../sight.ts'
import { comesBack, home, sendAway } from './away.ts'
import { setPoints, tryLevel } from './levels.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

const AWAY = seconds(3)

/** A connection that breaks and comes back: the limit has to be there still, before it is sent again. */
export async function reconnect(depot: Depot, run: Run): Promise<Told> {
  const { mid } = setPoints(depot, run)
  await tryLevel(depot, run, mid)
  if ((await sendAway(depot, run, AWAY)) === null)
    return { result: 'not-checked', text: 'nobody can end its connection here' }
  if (!(await comesBack(depot, run))) return stayedAway(run)
  const since = depot.monotonic
  const { level, own } = await look(depot, run, { level: mid, since, atMost: seconds(40) })
  await home(depot, run)
  const drawn = level ?? own
  if (drawn === null) return { result: 'not-checked', text: 'nobody saw what it drew after it came back' }
  if (near(drawn, mid)) return { result: 'passed', text: 'its limit outlives its connection' }
  const fallback = levelOf(run.evse.fallback)
  const to = near(drawn, fallback) ? 'its default' : shown(run.evse, drawn)
  const text = `with its connection it lost its limit of ${shown(run.evse, mid)} and went to ${to}`
  run.saw('profile.lost-on-reconnect', true, text)
  return { result: 'deviates', text }
}

/** It did not dial again: a person has to see to it, and the run ends. */
export function stayedAway(run: Run): Told {
  run.saw('liveness.manual-restart-after-s', 180, 'it did not dial again within 180 s')
  return { result: 'deviates', text: 'it did not come back within 3 minutes' }
}

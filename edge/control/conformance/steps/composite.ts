import { seconds } from '@busbar/units/time.ts'
import { levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { near } from '../sight.ts'
import { setPoints, tryLevel } from './levels.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

/** What the station works out for itself, against the limit that it follows. */
export async function composite(depot: Depot, run: Run): Promise<Told> {
  const { mid } = setPoints(depot, run)
  await tryLevel(depot, run, mid)
  const worked = await workedOut(depot, run)
  if (worked !== null && near(worked, mid))
    return { result: 'passed', text: 'the limit it works out is the one that it was sent' }
  const text =
    worked === null
      ? 'it does not say which limit it works out'
      : `it was sent ${shown(run.evse, mid)} and works out ${shown(run.evse, worked)}`
  run.saw('profile.verify', 'meter', text)
  return { result: 'deviates', text }
}

/** The limit that the station says it works out, mA or W; null when it does not say. */
export async function workedOut(depot: Depot, { evse }: Run): Promise<number | null> {
  const unit = evse.current === 'ac' ? 'A' : 'W'
  const answer = await depot.deps.commands.send(
    evse.station,
    { kind: 'get-composite-limit', evse: evse.evse, unit },
    { priority: 'operator', deadline: seconds(20) },
  )
  const limit = answer.status === 'accepted' ? answer.limit : undefined
  return limit === undefined || 'limit_a' in limit !== (unit === 'A') ? null : levelOf(limit)
}

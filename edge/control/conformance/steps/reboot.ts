import type { TransactionId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { setLevel } from '../set-level.ts'
import { near, ownLevel, reportsSince, seeReports } from '../sight.ts'
import { COMES_BACK, comesBack, home } from './away.ts'
import { bootClock } from './boot-clock.ts'
import { workedOut } from './composite.ts'
import { fallsBackTo } from './duration.ts'
import { setPoints } from './levels.ts'
import { stayedAway } from './reconnect.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

/** A restart: the default has to be there still, before it is sent again. */
export async function reboot(depot: Depot, run: Run): Promise<Told> {
  const { station } = run.evse
  if (run.obeys && depot.transactionAt(run.evse.key) !== undefined)
    await setLevel(depot, run, { level: setPoints(depot, run).mid })
  const before = depot.transactionAt(run.evse.key)?.transaction
  run.mayEnd = true
  run.away = true
  const reset = { kind: 'reset', mode: 'Immediate' } as const
  const answer = await depot.deps.commands.send(station, reset, {
    priority: 'operator',
    deadline: seconds(30),
  })
  const connection = depot.links.get(station)?.connection
  const went =
    answer.status === 'accepted' &&
    (await run.until(() => depot.links.get(station)?.connection !== connection, COMES_BACK))
  if (!went) {
    await home(depot, run)
    return {
      result: 'deviates',
      text: answer.status === 'accepted' ? 'it did not restart' : `it does not restart: ${answer.status}`,
    }
  }
  if (!(await comesBack(depot, run))) return stayedAway(run)
  await run.until(() => depot.links.get(station)?.booted === true, seconds(30))
  const back = depot.links.get(station)?.since ?? depot.now
  const limits = await after(depot, run, before)
  const clock = await bootClock(depot, run, back)
  const told: Told = clock === null ? limits : { result: 'deviates', text: `${limits.text}; ${clock}` }
  await home(depot, run)
  return told
}

async function after(depot: Depot, run: Run, before: TransactionId | undefined): Promise<Told> {
  const since = depot.monotonic
  const fallback = levelOf(run.evse.fallback)
  await seeReports(depot, run, {
    holds: () => reportsSince(depot, run, since).length >= 2,
    atMost: seconds(20),
  })
  const now = depot.transactionAt(run.evse.key)?.transaction
  const goesOn = now !== undefined && now === before
  const drawn = now === undefined ? await workedOut(depot, run) : ownLevel(depot, run, since)
  const how = goesOn
    ? 'its transaction goes on'
    : now === undefined
      ? 'its transaction ended'
      : 'another one began'
  if (drawn === null)
    return { result: 'not-checked', text: `it restarted, ${how}, and it does not say which limit it has` }
  const kept = goesOn && near(drawn, setPoints(depot, run).mid)
  const bounded = drawn <= fallback || near(drawn, fallback) || kept
  if (bounded) return { result: 'passed', text: `its limits outlive a restart; ${how}` }
  fallsBackTo(run, drawn)
  return {
    result: 'deviates',
    text: `after a restart it is at ${shown(run.evse, drawn)} until it is told again; ${how}`,
  }
}

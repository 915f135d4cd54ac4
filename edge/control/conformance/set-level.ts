import { type Duration, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import { type Level, levelOf } from '../../domain/load-balancing/rows.ts'
import type { Depot } from '../depot.ts'
import { sendLimit } from '../effects.ts'
import type { Run } from './run.ts'

export type LevelAnswer = 'accepted' | 'rejected' | 'unanswered' | 'not-sent'

/** Longer than a station's answer may take. */
const ANSWERED = seconds(15)
const TRIES = 10
const PAUSE = seconds(3)

/**
 * Sends a limit as the balancer would, so that it is in the ledger before it may be in force; the EVSE counts at its
 * rating meanwhile. One that must not leave just now, because a meter is silent or the disk is behind, is tried again.
 */
export async function setLevel(
  depot: Depot,
  run: Run,
  { level, lease }: { level: Level; lease?: Duration },
): Promise<LevelAnswer> {
  for (let left = TRIES; left > 0; left--) {
    const answer = await once(depot, run, { level, ...(lease === undefined ? {} : { lease }) })
    if (answer !== 'not-sent') return answer
    await run.pass(PAUSE)
  }
  return 'not-sent'
}

async function once(depot: Depot, run: Run, of: { level: Level; lease?: Duration }): Promise<LevelAnswer> {
  const { evse } = run
  const before = depot.ledger(evse.key)
  const newest = newestLimit(before)
  const kind = newest !== undefined && of.level <= levelOf(newest.limit) ? 'decrease' : 'raise'
  depot.failures.delete(evse.key)
  sendLimit(depot, evse, { ...of, kind })
  const request = depot.ledger(evse.key).lastRequest
  if (request === before.lastRequest) return 'not-sent'
  const entry = () => depot.ledger(evse.key).standing.find((each) => each.request === request)
  await run.until(() => entry()?.answer !== 'pending', ANSWERED)
  const answer = entry()?.answer ?? (depot.failures.get(evse.key)?.refused ? 'rejected' : 'not-sent')
  return answer === 'pending' ? 'unanswered' : answer
}

import { seconds } from '@busbar/units/time.ts'
import type { Depot } from '../depot.ts'
import { counted } from '../raw/send-counted.ts'
import type { Run } from './run.ts'

/** The balancer lowers others so that the rating fits; it asks again this often, so many times. */
const AGAIN = seconds(5)
const TRIES = 36

/**
 * Counts the EVSE at its rating, on disk, until the run is over; waits until every protecting row has room for that.
 * @returns the row that never had, or null
 */
export async function takeRoom(depot: Depot, run: Run): Promise<string | null> {
  let refusedBy: string | null = null
  for (let left = TRIES; left > 0; left--) {
    refusedBy = await ask(depot, run)
    if (refusedBy === null) return null
    await run.pass(AGAIN)
  }
  return refusedBy
}

async function ask(depot: Depot, run: Run): Promise<string | null> {
  const { evse } = run
  let stored: Promise<void> = Promise.resolve()
  const answer = { refusedBy: undefined as string | null | undefined }
  depot.limitRequests.add({
    limits: new Map([[evse.key, evse.rating]]),
    settle: (refusedBy) => {
      answer.refusedBy = refusedBy
    },
    take: () => {
      stored = doubted(depot, run, { command: run.of.id, profile: null })
      stored.catch(() => undefined)
    },
  })
  depot.urge()
  await run.until(() => answer.refusedBy !== undefined, AGAIN)
  if (answer.refusedBy === null) await stored
  return answer.refusedBy === undefined ? 'no decision was made' : answer.refusedBy
}

/**
 * The EVSE may draw up to its rating, and `profile` may be left at the station. Where the store does not take that,
 * nothing leaves, so it counts no more.
 */
export const doubted = (
  depot: Depot,
  run: Run,
  of: { command: string; profile: number | null },
): Promise<void> =>
  counted(depot, run.evse.evse, {
    ...{ station: run.evse.station, action: 'conformance', limit: null, reboots: false },
    ...of,
  })

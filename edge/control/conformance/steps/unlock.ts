import { seconds } from '@busbar/units/time.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import type { Told } from './steps.ts'

/** The words of a station that knows how to unlock, and could not. */
const TRIED = /^(UnlockFailed|Unlocked|OngoingAuthorizedTransaction)$/i

/** Unlocks the connector, unless that would stop a vehicle. */
export async function unlock(depot: Depot, run: Run): Promise<Told> {
  const { station, evse, key } = run.evse
  if (depot.transactionAt(key) !== undefined) return { result: 'not-checked', text: 'a transaction runs' }
  const answer = await depot.deps.commands.send(
    station,
    { kind: 'unlock-connector', evse, connector: 1 },
    { priority: 'operator', deadline: seconds(30) },
  )
  if (answer.status === 'accepted' || (answer.status === 'rejected' && TRIED.test(answer.reason))) {
    run.measured({ unlock: true })
    return { result: 'passed', text: answer.status === 'accepted' ? 'it unlocks' : 'it tries to unlock' }
  }
  if (answer.status !== 'rejected') return { result: 'not-checked', text: `it was ${answer.status}` }
  run.measured({ unlock: false })
  return { result: 'deviates', text: `it does not unlock: ${answer.reason}` }
}

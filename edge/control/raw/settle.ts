import { evseKey, type StationId } from '@busbar/model/ids.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { Depot } from '../depot.ts'
import { doubtsOf, reconciledFacts } from './doubts.ts'

/**
 * What never took effect is in doubt no more; what may be undone (`undone`) or may have happened unseen is undone by
 * setting everything anew.
 */
export function settleDoubts(
  depot: Depot,
  { station, command }: { readonly station: StationId; readonly command: string },
  { undone, answer }: { readonly undone: boolean; readonly answer: StationAnswer },
): void {
  const own = doubtsOf(depot, station).filter(({ doubt }) => doubt.command === command)
  if (own.length === 0) return
  if (answer.status === 'rejected' || answer.status === 'not-sent')
    depot.recorder.note(reconciledFacts(depot, own))
  else if (undone || answer.status === 'unanswered') depot.setAnew(station)
  for (const { evse } of own) depot.failures.delete(evseKey(station, evse))
  depot.urge()
}

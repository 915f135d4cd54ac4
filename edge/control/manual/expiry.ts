import { evseKey } from '@busbar/model/ids.ts'
import type { Override } from '../../domain/charging/manual/overrides.ts'
import type { Fact } from '../../domain/facts.ts'
import type { Depot } from '../depot.ts'
import { manualState } from './state.ts'

/** Who ends what ends by itself. */
const BY = 'the controller'

/** Ends what is over by its time, and a charge that comes first with its transaction. */
export function endWhatIsOver(depot: Depot): void {
  const { overrides, priorities, limits } = manualState(depot)
  const over = ({ until }: { until: number | null }) => until !== null && until <= depot.now
  const { fact } = depot.recorder
  const ended: Fact[] = []
  for (const override of overrides.values()) {
    const evse = depot.setup.site.evses.get(override.key)
    const cause = over(override) ? 'expired' : left(depot, override) ? 'transaction-ended' : null
    if (evse !== undefined && cause !== null)
      ended.push(
        fact(
          'OverrideEnded',
          { type: 'evse', id: evse.key },
          { station: evse.station, evse: evse.evse, cause, by: BY },
        ),
      )
  }
  for (const { scope, id, ...given } of priorities.values())
    if (over(given))
      ended.push(fact('PriorityEnded', { type: 'vehicle', id }, { scope, id, cause: 'expired', by: BY }))
  for (const { circuit, ...limit } of limits.values())
    if (over(limit))
      ended.push(
        fact('OperatingLimitEnded', { type: 'circuit', id: circuit }, { circuit, cause: 'expired', by: BY }),
      )
  if (ended.length > 0) depot.recorder.note(ended)
}

/** The vehicle that was to charge first is gone; the next one there has no claim to it. */
function left(depot: Depot, { how, key, transaction }: Override): boolean {
  if (how !== 'charge' || transaction === null) return false
  const open = depot.transactionAt(key)
  return open?.transaction !== transaction || evseKey(open.station, open.evse) !== key
}

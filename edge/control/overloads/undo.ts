import type { EvseKey } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import { noOverload } from '../../domain/load-balancing/escalation.ts'
import { openOverloads } from '../../domain/load-balancing/open-overloads.ts'
import type { Depot } from '../depot.ts'
import type { Ending } from './ladders.ts'

const DEADLINE = seconds(10)

/** Leaves the ladder of a row: limits may rise again, and what was taken out of service is put back. */
export function leave(depot: Depot, row: string, ending: Ending): void {
  depot.ladders.set(row, noOverload)
  depot.ladders.ending.set(row, ending)
}

/** A person has seen to it. An overload that is still there begins the ladder anew. */
export function overloadEnded(
  depot: Depot,
  { row, by }: InputOf<'overload-ended'>,
): Submitted<'overload-ended'> {
  if (!depot.ladders.fights(row)) {
    const reason = 'there is no overload being fought there'
    return { outcome: { status: 'rejected', reason }, durable: Promise.resolve() }
  }
  leave(depot, row, { reason: 'ended by hand', by })
  depot.urge()
  undo(depot)
  return { outcome: { status: 'accepted', reason: null }, durable: depot.recorder.record([]) }
}

/** The overload counts as ended once every EVSE that was taken out of service has been put back. */
export function undo(depot: Depot): void {
  for (const [row, { reason, by }] of depot.ladders.ending) {
    const open = depot.memory.table(openOverloads).get(row)
    const out = (open?.inoperative ?? []).filter((key) => !depot.ladders.backInService.has(key))
    for (const key of out) putBack(depot, key)
    if (out.length > 0) continue
    depot.ladders.ending.delete(row)
    for (const key of open?.inoperative ?? []) depot.ladders.backInService.delete(key)
    depot.recorder.note([
      depot.recorder.fact('OverloadEnded', { type: 'site', id: row }, { row, reason, by }),
    ])
  }
}

function putBack(depot: Depot, key: EvseKey): void {
  const evse = depot.setup.site.evses.get(key)
  if (evse === undefined) depot.ladders.backInService.add(key)
  if (evse === undefined || !depot.links.has(evse.station)) return
  if (!depot.ladders.mayAsk(`operative ${key}`, depot.monotonic)) return
  depot.deps.commands
    .send(
      evse.station,
      { kind: 'set-availability', evse: evse.evse, operative: true },
      { priority: 'operator', deadline: DEADLINE },
    )
    .then(
      ({ status }) => {
        if (status === 'accepted') depot.ladders.backInService.add(key)
      },
      () => undefined,
    )
}

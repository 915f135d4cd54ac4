import type { EvseKey } from '@busbar/model/ids.ts'
import { overrides } from '../../domain/charging/manual/overrides.ts'
import { quantityOf } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import type { Transition } from '../../domain/load-balancing/transition.ts'
import type { Depot } from '../depot.ts'
import type { EvseNow } from '../use.ts'
import type { Run } from './run.ts'

interface Decided {
  readonly snapshot: SiteSnapshot
  readonly transition: Transition
  readonly evses: readonly EvseNow[]
}

/** Ends the run when it must not go on, and lets it go on waiting otherwise; once a tick. */
export function watchConformance(depot: Depot, decided: Decided): void {
  const run = depot.conformance.now
  if (run === null) return
  const reason = reasonToEnd(depot, run, decided)
  if (reason === null) run.turn()
  else run.abort(reason)
}

function reasonToEnd(depot: Depot, run: Run, { snapshot, transition, evses }: Decided): string | null {
  const { key, station } = run.evse
  const row = overloaded(depot, { key, snapshot, transition, evses })
  if (row !== null) return `${row} could be overloaded`
  if (depot.memory.table(overrides).has(key)) return 'somebody decided for this EVSE by hand'
  if (!run.away && !depot.links.has(station)) return 'the station went away'
  if (!run.mayEnd && depot.transactionAt(key) === undefined) return 'its transaction ended: the vehicle left'
  return null
}

/** A protecting row of the EVSE that is measured above its limit, fought over, or that holds more than it has. */
function overloaded(
  depot: Depot,
  { key, snapshot, transition, evses }: Decided & { key: EvseKey },
): string | null {
  const loads = evses.find(({ evse }) => evse.key === key)?.loads ?? []
  for (const { row: index } of loads) {
    const row = snapshot.rows[index]
    if (row === undefined || row.duty !== 'protect') continue
    const over = transition.overcommitted.includes(index) || depot.ladders.fights(quantityOf(row))
    if (over) return row.id
  }
  return null
}

import { messageOf } from '@busbar/model/depot-error.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import type { Depot } from './depot.ts'
import { overriddenAll } from './manual/by-hand.ts'
import { type ManualState, manualState } from './manual/state.ts'
import { prioritise, withPriorities } from './prioritise.ts'
import type { EvseNow } from './use.ts'

type Advice = (snapshot: SiteSnapshot) => SiteSnapshot

/** The snapshot with turns, triage and plan. Advice that fails is left out: it never keeps a limit from falling. */
export function advised(depot: Depot, snapshot: SiteSnapshot, evses: readonly EvseNow[]): SiteSnapshot {
  const inTurn = taking(depot, snapshot, {
    code: 'balancing.triage-failed',
    advice: (given) => prioritise(depot, given, evses),
  })
  return taking(depot, inTurn, {
    code: 'balancing.plan-failed',
    advice: (given) =>
      afterPeople(
        depot,
        depot.planning.advise(depot, given, { evses, manual: manualState(depot) }),
        manualState(depot),
      ),
  })
}

/** What `advised` would give if this stood by hand: nothing is asked for, remembered or told of. */
export function advisedIf(
  depot: Depot,
  snapshot: SiteSnapshot,
  of: { readonly evses: readonly EvseNow[]; readonly manual: ManualState },
): SiteSnapshot {
  const inTurn = withPriorities(depot, snapshot, of).snapshot
  return afterPeople(depot, depot.planning.asStands(depot, inTurn, of), of.manual)
}

/** What people decided for single EVSEs goes before what a plan promises them. */
const afterPeople = (depot: Depot, snapshot: SiteSnapshot, manual: ManualState): SiteSnapshot => ({
  ...snapshot,
  evses: overriddenAll(snapshot.evses, manual, depot.now),
})

function taking(depot: Depot, snapshot: SiteSnapshot, of: { code: string; advice: Advice }): SiteSnapshot {
  try {
    const advice = of.advice(snapshot)
    depot.deps.health.clear(of.code)
    return advice
  } catch (error) {
    const text = `Current is shared without it: ${messageOf(error)}`
    depot.deps.health.raise({ code: of.code, severity: 2, text })
    return snapshot
  }
}

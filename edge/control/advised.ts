import { messageOf } from '@busbar/model/depot-error.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import type { Depot } from './depot.ts'
import { prioritise } from './prioritise.ts'
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
    advice: (given) => depot.planning.advise(depot, given, evses),
  })
}

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

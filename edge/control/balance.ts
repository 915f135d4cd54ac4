import { messageOf } from '@busbar/model/depot-error.ts'
import { type Allocation, allocate } from '../domain/load-balancing/allocate.ts'
import { check } from '../domain/load-balancing/checker.ts'
import { guard } from '../domain/load-balancing/guard.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import { type Transition, transition } from '../domain/load-balancing/transition.ts'
import type { Depot } from './depot.ts'

export interface Balance {
  readonly shares: Allocation
  readonly transition: Transition
  /** The balancer gave no answer, or one that was refused, and the guard stands in: nothing rises. */
  readonly guarded: boolean
}

const FAILED = 'balancing.failed'
const REFUSED = 'balancing.refused'

/**
 * The balancer's shares and how to get there; what the guard allows when the balancer fails. It is tried again at the
 * next pass.
 * @param sound false where what the snapshot is made from is incomplete: then only the guard is asked
 */
export function balance(depot: Depot, snapshot: SiteSnapshot, sound = true): Balance {
  if (!sound) return { ...guard(snapshot), guarded: true }
  try {
    const shares = allocate(snapshot)
    const [fault] = check(snapshot, shares)
    if (fault !== undefined) return refused(depot, snapshot, fault.text)
    depot.deps.health.clear(REFUSED)
    const next = transition(snapshot, shares)
    depot.deps.health.clear(FAILED)
    return { shares, transition: next, guarded: false }
  } catch (error) {
    const text = `The balancer failed; limits are held or lowered, none rises: ${messageOf(error)}`
    depot.deps.health.raise({ code: FAILED, severity: 1, text })
    return { ...guard(snapshot), guarded: true }
  }
}

/** An allocation that the checker refuses is a mistake of ours: the guard only lowers. */
function refused(depot: Depot, snapshot: SiteSnapshot, fault: string): Balance {
  const text = `An allocation was refused; limits are held or lowered, none rises: ${fault}`
  depot.deps.health.raise({ code: REFUSED, severity: 1, text })
  return { ...guard(snapshot), guarded: true }
}

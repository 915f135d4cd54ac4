import { wiringOf } from '../domain/load-balancing/wiring.ts'
import { activeLimits } from '../domain/site/agreed-limits.ts'
import type { AgreedLimit } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'

/** Takes up the agreed limits that hold just now. Only before a decision, so that its rows stay what they are. */
export function takeUpLimits(depot: Depot): void {
  const limits = depot.setup.site.limits ?? []
  if (limits.length === 0) return
  const trusted = depot.deps.clockQuality() !== 'unsynced'
  const at = depot.now
  const active = activeLimits(limits, trusted ? { at, utcOffset: depot.utcOffset(at) } : null)
  if (isSame(active, depot.agreed)) return
  depot.agreed = active
  depot.wiring = wiringOf(depot.setup.site, active)
}

const isSame = (one: readonly AgreedLimit[], other: readonly AgreedLimit[]): boolean =>
  one.length === other.length && one.every((limit, index) => limit === other[index])

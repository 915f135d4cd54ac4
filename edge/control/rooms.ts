import type { Monotonic } from '@busbar/units/time.ts'
import { seconds } from '@busbar/units/time.ts'
import { fallbackLevel } from '../domain/load-balancing/hold.ts'
import { loadAt } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import { worstCase } from '../domain/load-balancing/transition.ts'
import type { Depot, RoomRequest } from './depot.ts'
import type { EvseNow } from './use.ts'

/**
 * Answers the authorisations that wait for room. An EVSE that starts draws its fallback without another word from us,
 * so its fallback must fit every row beside all other holds before the token is accepted.
 */
export function grantRooms(depot: Depot, evses: readonly EvseNow[], snapshot: SiteSnapshot): void {
  for (const request of [...depot.roomRequests]) {
    const granted = grant(depot, { request, evses, snapshot })
    if (!granted && depot.monotonic < request.until && depot.links.has(request.station)) continue
    depot.roomRequests.delete(request)
    request.settle(granted ? 'Accepted' : 'Blocked')
  }
}

function grant(
  depot: Depot,
  of: { request: RoomRequest; evses: readonly EvseNow[]; snapshot: SiteSnapshot },
): boolean {
  const idle = of.evses.filter(({ evse, open }) => evse.station === of.request.station && open === undefined)
  const worst = worstCase(of.snapshot)
  for (const now of idle) {
    const loads = of.snapshot.evses.find(({ key }) => key === now.evse.key)?.loads ?? []
    for (const c of loads)
      worst[c.row] =
        (worst[c.row] ?? 0) + Math.max(0, loadAt(c, fallbackLevel(now.use)) - loadAt(c, now.hold))
    const fits = loads.every(
      (c) =>
        now.hold >= fallbackLevel(now.use) || (worst[c.row] ?? 0) <= (of.snapshot.rows[c.row]?.capacity ?? 0),
    )
    if (!fits) return false
  }
  const until = (depot.monotonic + seconds(depot.setup.policy.reservationS)) as Monotonic
  for (const { evse } of idle) depot.reservations.set(evse.key, until)
  return true
}

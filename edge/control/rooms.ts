import { fallbackLevel } from '../domain/load-balancing/hold.ts'
import { loadAt } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import type { Depot, RoomRequest } from './depot.ts'
import { reserve } from './reservations.ts'
import type { EvseNow } from './use.ts'

interface Rooms {
  readonly snapshot: SiteSnapshot
  readonly evses: readonly EvseNow[]
  /** What may be drawn at most on each row; what is granted is added. */
  readonly worst: number[]
}

/**
 * Answers the authorisations that wait for room. An EVSE that starts draws its fallback without another word from us,
 * so its fallback must fit every row beside all other holds before the token is accepted.
 */
export function grantRooms(depot: Depot, rooms: Rooms): void {
  for (const request of [...depot.roomRequests]) {
    const inContact = depot.links.has(request.station)
    const granted = inContact && grant(depot, request, rooms)
    if (!granted && inContact && depot.monotonic < request.until) continue
    depot.roomRequests.delete(request)
    request.settle(granted ? 'Accepted' : 'Blocked')
  }
}

function grant(depot: Depot, { station }: RoomRequest, { snapshot, evses, worst }: Rooms): boolean {
  const idle = evses.filter(({ evse, open }) => evse.station === station && open === undefined)
  if (!idle.every((now) => knowsItsFallback(depot, now))) return false
  const wanted = new Map<number, number>()
  for (const { use, hold, loads } of idle)
    for (const c of loads) {
      const more = loadAt(c, fallbackLevel(use)) - loadAt(c, hold)
      wanted.set(c.row, (wanted.get(c.row) ?? 0) + Math.max(0, more))
    }
  for (const [index, more] of wanted) {
    const row = snapshot.rows[index]
    if (row === undefined || !row.mayStart || (worst[index] ?? 0) + more > row.capacity) return false
  }
  for (const [index, more] of wanted) worst[index] = (worst[index] ?? 0) + more
  for (const { evse } of idle) reserve(depot, evse)
  return true
}

/** On this connection it took the fallback that it would start with; one never proven counts at its rating anyway. */
const knowsItsFallback = (depot: Depot, { evse, use }: EvseNow): boolean =>
  depot.links.get(evse.station)?.reconciled === true || !use.ledger.defaultProven

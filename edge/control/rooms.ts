import { fallbackLevel } from '../domain/load-balancing/hold.ts'
import { type Coefficient, loadAt } from '../domain/load-balancing/rows.ts'
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
  for (const now of idle)
    for (const c of now.loads) {
      if (c.perLevel <= 0) continue
      wanted.set(c.row, (wanted.get(c.row) ?? 0) + moreToStart(snapshot, now, c))
    }
  for (const [index, more] of wanted) {
    const row = snapshot.rows[index]
    if (row === undefined || !row.mayStart || (worst[index] ?? 0) + more > row.capacity) return false
  }
  for (const [index, more] of wanted) worst[index] = (worst[index] ?? 0) + more
  for (const { evse } of idle) reserve(depot, evse)
  return true
}

/**
 * What a start adds to a row: its fallback, less what is counted there anyway. A contract row counts the room that is
 * expected to be needed for one that waits.
 */
export function moreToStart(snapshot: SiteSnapshot, { evse, use, hold }: EvseNow, c: Coefficient): number {
  const expected = snapshot.evses.find(({ key }) => key === evse.key)?.expected ?? hold
  const counted = snapshot.rows[c.row]?.duty === 'contract' ? expected : hold
  return Math.max(0, loadAt(c, fallbackLevel(use)) - loadAt(c, counted))
}

/** On this connection it took the fallback that it would start with; one never proven counts at its rating anyway. */
const knowsItsFallback = (depot: Depot, { evse, use }: EvseNow): boolean =>
  depot.links.get(evse.station)?.reconciled === true || !use.ledger.defaultProven

import { fallbackLevel } from '../domain/load-balancing/hold.ts'
import { isOperatingRow } from '../domain/load-balancing/operating-rows.ts'
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
 * so its fallback must fit every row beside all other holds before the token is accepted. For a limit that a person set
 * others give way first, but it turns nobody away: what starts is set to what the limit leaves, if need be to nothing.
 */
export function grantRooms(depot: Depot, rooms: Rooms): void {
  for (const request of [...depot.roomRequests]) {
    const inContact = depot.links.has(request.station)
    const last = depot.monotonic >= request.until
    const granted = inContact && grant(depot, request, { ...rooms, last })
    if (!granted && inContact && !last) continue
    depot.roomRequests.delete(request)
    request.settle(granted ? 'Accepted' : 'Blocked')
  }
}

function grant(depot: Depot, { station }: RoomRequest, rooms: Rooms & { last: boolean }): boolean {
  const { snapshot, evses, worst, last } = rooms
  const idle = evses.filter(({ evse, open }) => evse.station === station && open === undefined)
  if (!idle.every((now) => knowsItsFallback(depot, now))) return false
  const wanted = new Map<number, number>()
  for (const now of idle)
    for (const c of loadsIn(snapshot, now)) {
      if (c.perLevel <= 0) continue
      wanted.set(c.row, (wanted.get(c.row) ?? 0) + moreToStart(snapshot, now, c))
    }
  for (const [index, more] of wanted) {
    const row = snapshot.rows[index]
    if (row === undefined || !row.mayStart) return false
    const waived = last && isOperatingRow(row)
    if (!waived && (worst[index] ?? 0) + more > row.capacity) return false
  }
  for (const [index, more] of wanted) worst[index] = (worst[index] ?? 0) + more
  for (const { evse } of idle) reserve(depot, evse)
  return true
}

/** How it loads the rows of the decision, those of limits that people set among them. */
export const loadsIn = (snapshot: SiteSnapshot, { evse, loads }: EvseNow): readonly Coefficient[] =>
  snapshot.evses.find(({ key }) => key === evse.key)?.loads ?? loads

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

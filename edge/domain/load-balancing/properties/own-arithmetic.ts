import type { Allocation } from '../allocate.ts'
import type { Level } from '../rows.ts'
import type { SiteSnapshot, SnapshotEvse } from '../snapshot.ts'

/* What the properties count with: nothing of it is the balancer's. */

export const steered = ({ evses }: SiteSnapshot): readonly SnapshotEvse[] =>
  evses.filter(({ steerable }) => steerable)

export const levelIn = (shares: Allocation, evse: SnapshotEvse): Level =>
  shares.get(evse.key)?.level ?? Number.NaN

/** Load of an EVSE at a level on a row, as an allocation counts it. */
export function onRow(snapshot: SiteSnapshot, evse: SnapshotEvse, of: { row: number; level: Level }): number {
  const relief = snapshot.rows[of.row]?.duty === 'contract' && evse.steerable
  let sum = 0
  for (const { row, perLevel, grid } of evse.loads) {
    if (row !== of.row || (perLevel < 0 && !relief)) continue
    const dealt = grid === undefined ? of.level : Math.ceil(of.level / grid) * grid
    sum += Math.ceil(dealt * perLevel - 1e-6)
  }
  return sum
}

export const countedIn = (shares: Allocation, evse: SnapshotEvse): Level =>
  evse.steerable ? Math.max(levelIn(shares, evse), evse.stuck) : evse.expected

/** What a row carries by an allocation. */
export const rowLoad = (snapshot: SiteSnapshot, shares: Allocation, row: number): number =>
  snapshot.evses.reduce(
    (sum, evse) => sum + onRow(snapshot, evse, { row, level: countedIn(shares, evse) }),
    0,
  )

export const rowsOf = (evse: SnapshotEvse): readonly number[] =>
  evse.loads.flatMap(({ row, perLevel }) => (perLevel > 0 ? [row] : []))

const fromList = (evse: SnapshotEvse): readonly Level[] | undefined =>
  evse.levels?.filter((level) => level >= evse.min)

export const smallest = (evse: SnapshotEvse): Level =>
  fromList(evse)?.[0] ?? Math.max(1, Math.ceil(evse.min / evse.step)) * evse.step

export const stepUp = (evse: SnapshotEvse, level: Level): Level => {
  const list = fromList(evse)
  if (list !== undefined) return list.find((each) => each > level) ?? Number.POSITIVE_INFINITY
  return Math.max(smallest(evse), level + evse.step)
}

/** Down to the nearest set-point within its maximum. */
export const down = (evse: SnapshotEvse, level: Level): Level => {
  const most = Math.min(level, evse.max)
  const list = fromList(evse)
  if (list !== undefined) return list.findLast((each) => each <= most) ?? 0
  const stepped = Math.floor(most / evse.step) * evse.step
  return stepped < smallest(evse) ? 0 : stepped
}

/** The largest step of the steered EVSEs on a row, as its load. */
export const largestStep = (snapshot: SiteSnapshot, row: number): number =>
  Math.max(
    0,
    ...steered(snapshot).map((evse) => {
      const list = evse.levels
      const widest = list === undefined ? evse.step : 8000
      const grid = Math.max(0, ...evse.loads.map((load) => (load.row === row ? (load.grid ?? 0) : 0)))
      return onRow(snapshot, evse, { row, level: Math.max(widest, smallest(evse), grid) })
    }),
  )

export const sameLevels = (a: Allocation, b: Allocation): boolean =>
  a.size === b.size && [...a].every(([key, { level }]) => b.get(key)?.level === level)

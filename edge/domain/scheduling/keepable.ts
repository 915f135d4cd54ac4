import type { EvseKey } from '@busbar/model/ids.ts'
import type { Level } from '../load-balancing/rows.ts'
import { countedOn, type SiteSnapshot, type SnapshotEvse } from '../load-balancing/snapshot.ts'

/** A level that an EVSE must have now for its vehicle to be ready, and what keeps it from others, Wh. */
export interface Must {
  readonly key: EvseKey
  readonly level: Level
  readonly energyLeftWh: number
}

/**
 * Whose must can be kept beside those of others: by tier, then those who need least, so that as many as possible are
 * ready. Nobody else is counted but those who cannot be steered, at what is expected of them.
 */
export function keepable(snapshot: SiteSnapshot, musts: readonly Must[]): ReadonlySet<EvseKey> {
  const left = Float64Array.from(snapshot.rows, ({ capacity }) => capacity)
  const evses = new Map(snapshot.evses.map((evse) => [evse.key, evse]))
  const take = (evse: SnapshotEvse, level: Level): void => {
    for (const c of evse.loads) left[c.row] = (left[c.row] ?? 0) - loadOf(snapshot, { evse, c, level })
  }
  const fits = (evse: SnapshotEvse, level: Level): boolean =>
    evse.loads.every((c) => {
      const load = loadOf(snapshot, { evse, c, level })
      return load <= 0 || load <= (left[c.row] ?? 0)
    })
  for (const evse of snapshot.evses) take(evse, evse.steerable ? evse.stuck : evse.expected)
  const kept = new Set<EvseKey>()
  const tierOf = ({ key }: Must): number => evses.get(key)?.tier ?? 1
  const order = [...musts].sort(
    (a, b) => tierOf(a) - tierOf(b) || a.energyLeftWh - b.energyLeftWh || (a.key < b.key ? -1 : 1),
  )
  for (const { key, level } of order) {
    const evse = evses.get(key)
    if (evse === undefined || !evse.steerable || !fits(evse, level)) continue
    take(evse, level)
    kept.add(key)
  }
  return kept
}

const loadOf = (
  { rows }: SiteSnapshot,
  { evse, c, level }: { evse: SnapshotEvse; c: SnapshotEvse['loads'][number]; level: Level },
): number => countedOn(rows[c.row], c, { evse, most: level, likely: level })

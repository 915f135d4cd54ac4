import type { EvseKey } from '@busbar/model/ids.ts'
import { admit, giveFallbacks } from './admission.ts'
import { inOrder } from './allocate.ts'
import { LoadTable } from './load-table.ts'
import type { Level } from './rows.ts'
import { quantise } from './set-points.ts'
import type { SiteSnapshot } from './snapshot.ts'
import type { Triage, TriageCase } from './triage.ts'

/**
 * Promises those kept in a shortfall what they can take, by tier and then by departure: who leaves first is served first,
 * for sharing alike would make all of them late. What anyone has in any case, fallbacks and minimums, stays. Without a
 * shortfall the snapshot comes back as it is.
 * @param snapshot with the verdicts taken in
 */
export function promiseByDeparture(
  snapshot: SiteSnapshot,
  { engaged, verdicts }: Triage,
  cases: readonly TriageCase[],
): SiteSnapshot {
  if (!engaged) return snapshot
  const table = new LoadTable(snapshot, inOrder(snapshot.evses))
  const steered = table.evses.flatMap((evse, i) => (evse.steerable ? [i] : []))
  giveFallbacks(table, steered)
  const refused = admit(
    table,
    steered.filter((i) => table.evses[i]?.deferred !== true),
  )
  const leaves = new Map(cases.map(({ key, leavesInH }) => [key, leavesInH]))
  const first = (i: number): number => leaves.get(table.evses[i]?.key ?? ('' as EvseKey)) ?? 0
  const tier = (i: number): number => table.evses[i]?.tier ?? 1
  const kept = steered
    .filter((i) => !refused.has(i) && verdicts.get(table.evses[i]?.key ?? ('' as EvseKey)) === 'kept')
    .sort((a, b) => tier(a) - tier(b) || first(a) - first(b) || a - b)
  const promised = new Map<EvseKey, Level>()
  for (const i of kept) {
    const evse = table.evses[i]
    if (evse === undefined) continue
    table.move(i, Math.max(table.level(i), most(table, i)))
    promised.set(evse.key, table.level(i))
  }
  return {
    ...snapshot,
    evses: snapshot.evses.map((evse) => {
      const level = promised.get(evse.key)
      return level === undefined ? evse : { ...evse, guarantee: Math.max(level, evse.guarantee ?? 0) }
    }),
  }
}

/** The highest set-point of an EVSE that its rows have room for. */
function most(table: LoadTable, i: number): Level {
  const evse = table.evses[i]
  if (evse === undefined) return 0
  const { starts, indices } = table.rowsOf
  let level = evse.max
  for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
    const factor = table.factors[k] ?? 0
    const now = table.load(k, table.counted(i, table.level(i)))
    if (factor > 0) level = Math.min(level, ((table.left[indices[k] ?? 0] ?? 0) + now) / factor)
  }
  level = quantise(evse, Math.floor(Math.max(0, level)))
  // Lumps and loads rounded up may ask for more than that.
  while (level > 0 && table.blocking(i, level) >= 0) level = quantise(evse, level - 1)
  return level
}

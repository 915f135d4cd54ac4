import type { EvseKey } from '@busbar/model/ids.ts'
import type { Level } from '../load-balancing/rows.ts'
import { lowest, nextStep, quantise } from '../load-balancing/set-points.ts'
import type { SiteSnapshot, SnapshotEvse } from '../load-balancing/snapshot.ts'
import { keepable, type Must } from './keepable.ts'
import { type Aim, HOPELESS, type Standing, standingOf, type Want } from './standing.ts'

/**
 * The snapshot with every vehicle's standing: its weight, what it is owed now, and whether it waits for what others
 * leave. EVSEs whose want is unknown stay as they are.
 */
export function withStanding(
  snapshot: SiteSnapshot,
  wants: ReadonlyMap<EvseKey, Want>,
  of: { aim: Aim; periodH: number },
): SiteSnapshot {
  const standings = new Map([...wants].map(([key, want]) => [key, standingOf(want, of)]))
  const musts = snapshot.evses.flatMap((evse): Must[] => {
    const mustW = standings.get(evse.key)?.mustW ?? 0
    const energyLeftWh = wants.get(evse.key)?.energyLeftWh ?? 0
    return mustW > 0 ? [{ key: evse.key, level: levelAbove(evse, mustW), energyLeftWh }] : []
  })
  const kept = keepable(snapshot, musts)
  const levels = new Map(musts.filter(({ key }) => kept.has(key)).map(({ key, level }) => [key, level]))
  return {
    ...snapshot,
    evses: snapshot.evses.map((evse) => {
      const standing = standings.get(evse.key)
      return standing === undefined ? evse : standingEvse(evse, standing, levels.get(evse.key))
    }),
  }
}

/** One that is owed something which cannot be kept beside others' stands behind those that can still be ready. */
function standingEvse(evse: SnapshotEvse, standing: Standing, promised: Level | undefined): SnapshotEvse {
  const { mustW, deferred } = standing
  const weight = standing.weight / (evse.tier ?? 1)
  if (promised !== undefined) return { ...evse, weight, deferred: false, guarantee: promised }
  const { guarantee: _, ...without } = evse
  return { ...without, weight: mustW > 0 ? weight * HOPELESS : weight, deferred: deferred || mustW > 0 }
}

/** The lowest set-point with at least this power, or the highest one there is for it. */
function levelAbove(evse: SnapshotEvse, powerW: number): Level {
  const level = Math.min(evse.max, Math.ceil(powerW / evse.wattsPerLevel))
  const below = quantise(evse, level)
  const above = below === level ? level : below === 0 ? lowest(evse) : nextStep(evse, below)
  return above <= evse.max ? above : quantise(evse, evse.max)
}

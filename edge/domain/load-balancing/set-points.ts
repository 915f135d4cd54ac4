import type { Level } from './rows.ts'
import type { SnapshotEvse } from './snapshot.ts'

/** What levels an EVSE can be set to: a list, or from its minimum on by steps. */
export type SetPoints = Pick<SnapshotEvse, 'min' | 'step' | 'levels'>

/** The lowest level above 0 that it can be set to; endless when its list has none. */
export function lowest({ min, step, levels }: SetPoints): Level {
  if (levels === undefined) return Math.max(1, Math.ceil(min / step)) * step
  return levels.find((level) => level > 0 && level >= min) ?? Number.POSITIVE_INFINITY
}

/** The highest set-point up to this level; 0 below the lowest. */
export function quantise(points: SetPoints, level: Level): Level {
  const { step, levels } = points
  const found =
    levels === undefined ? Math.floor(level / step) * step : (levels.findLast((each) => each <= level) ?? 0)
  return found < lowest(points) ? 0 : found
}

/** The next set-point above this one; endless above the last of a list. */
export function nextStep(points: SetPoints, level: Level): Level {
  const { step, levels } = points
  if (levels === undefined) return Math.max(lowest(points), level + step)
  return levels.find((each) => each > level && each >= lowest(points)) ?? Number.POSITIVE_INFINITY
}

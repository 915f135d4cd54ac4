/** What is left of one vehicle's need, as a decision sees it. */
export interface Want {
  /** Still to be delivered, Wh. */
  readonly energyLeftWh: number
  /** Until it leaves, h; 0 or below when it should be gone. */
  readonly hoursLeft: number
  /** The most that it takes, W. */
  readonly bestW: number
  /** A shortfall up to this counts as none, Wh. */
  readonly toleranceWh?: number
}

/** What counts where not all can have all: energy delivered, or vehicles that leave ready. */
export type Aim = 'energy' | 'ready'

/** How a vehicle stands among others. */
export interface Standing {
  /** Share of the surplus, above 0. */
  readonly weight: number
  /** Without this power now it cannot be ready any more, W; 0 while it can wait. */
  readonly mustW: number
  /** It can wait, or it cannot be ready whatever it gets: its minimum is not kept free for it. */
  readonly deferred: boolean
}

/** Weight of one that cannot be ready any more, against one that can. */
export const HOPELESS = 0.5
/** Where the weight is half way up, and how fast it climbs, h. */
const NEAR = { laxity: 1, departure: 2 }

const climb = (hours: number, from: number, by: number): number => 1 + by / (1 + Math.exp(hours - from))

/** Time left less time needed at the best rate, h. */
export const laxityHours = ({ energyLeftWh, hoursLeft, bestW }: Want): number =>
  hoursLeft - energyLeftWh / Math.max(1, bestW)

/** Whether it can still be ready when it alone gets all it takes. */
export const canBeReady = (want: Want): boolean =>
  owed(want) <= Math.max(0, want.hoursLeft) * want.bestW * (1 + 1e-9)

/** What must still be delivered for it to count as ready, Wh. */
const owed = ({ energyLeftWh, toleranceWh = 0 }: Want): number => Math.max(0, energyLeftWh - toleranceWh)

/**
 * How a vehicle stands for the next `periodH` hours.
 *
 * For energy, who has the least time to spare comes first, so that no room stays unused later. For readiness, who leaves
 * first does, and one that cannot wait a period longer without missing its departure is owed that period's power; one
 * that cannot be ready any more stands behind those that can.
 */
export function standingOf(want: Want, of: { aim: Aim; periodH: number }): Standing {
  if (of.aim === 'energy')
    return { weight: climb(laxityHours(want), NEAR.laxity, 8), mustW: 0, deferred: true }
  const weight = climb(want.hoursLeft, NEAR.departure, 3)
  if (!canBeReady(want)) return { weight: weight * HOPELESS, mustW: 0, deferred: true }
  const later = Math.max(0, want.hoursLeft - of.periodH) * want.bestW
  const mustW = Math.min(want.bestW, Math.max(0, owed(want) - later) / of.periodH)
  return { weight, mustW, deferred: mustW === 0 }
}

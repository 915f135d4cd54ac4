/** An energy register at two readings. */
export interface CounterStep {
  /** Wh. */
  readonly before: number
  readonly now: number
  /** Time between the readings, ms. */
  readonly ms: number
  /** More than this cannot have flowed, W; infinite when nobody can say. */
  readonly maxW: number
}

/** A register steps: between two readings it may move by one step more than what flowed. */
const REGISTER_STEP_WH = 1000

/**
 * Wh that flowed between two readings of a register; null when they are not of one segment: it fell (reset, other
 * meter, wrapped) or rose faster than the connection can carry. A segment has no negative and no giant interval.
 * @see metering.md 8, counter
 */
export function counterStep({ before, now, ms, maxW }: CounterStep): number | null {
  const step = now - before
  const most = (2 * maxW * ms) / 3_600_000 + REGISTER_STEP_WH
  return step < 0 || step > most ? null : step
}

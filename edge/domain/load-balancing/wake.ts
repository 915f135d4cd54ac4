import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { Level } from './rows.ts'

/**
 * A vehicle over a pause of ours: `charging` it was seen to draw; `paused` its limit is below its minimum; `offered` it
 * has a limit again; `nudged` the offer is taken back for a moment, so that it comes anew; `asleep` it did not wake.
 */
export interface Wake {
  readonly state: 'charging' | 'paused' | 'offered' | 'nudged' | 'asleep'
  readonly since: Monotonic
  /** Offers taken back so far in this pause. */
  readonly tries: number
}

/** What is seen of it now; levels in mA or W. */
export interface Seen {
  readonly now: Monotonic
  /** The limit it accepted last; null without one. */
  readonly limit: Level | null
  readonly min: Level
  /** Newest report of its draw and when the station took it; null while there is no fresh one. */
  readonly draw: { readonly level: Level; readonly at: Monotonic } | null
  /** It has all it needs: it need not wake. */
  readonly content: boolean
}

/** Without current this long after an offer it sleeps. @see reliability F31 */
export const WAKES_WITHIN = seconds(60)
/** An offer is taken back for this long. */
const NUDGE = seconds(10)
const TRIES = 2
const NOTHING = 1000

/** Above the limit that a vehicle did not wake at, mA; some need 8 A or 10 A where the station offers 6 A. */
const MORE = 2000
/** More than this no vehicle is taken to need, mA. */
const MOST = 10_000

/**
 * The least that the vehicle is taken to need, learned where an offer did not wake it: 2 A more than was offered.
 * @param least what was learned before; null is nothing
 * @returns null while nothing was learned, or when more did not help either
 */
export function leastToWake(
  least: Level | null,
  of: { before: Wake | null; after: Wake | null; limit: Level | null },
): Level | null {
  const { before, after, limit } = of
  if (after === null || after.state === 'asleep') return null
  if (before?.state !== 'offered' || after.state !== 'nudged' || limit === null) return least
  return limit + MORE <= MOST ? Math.max(limit + MORE, least ?? 0) : least
}

/** Follows one vehicle; null until it was seen to draw. A vehicle that reports nothing is not judged. */
export function nextWake(before: Wake | null, seen: Seen): Wake | null {
  const { now, limit, min, draw } = seen
  if (draw !== null && draw.level > NOTHING && (before === null || draw.at >= before.since))
    return before?.state === 'charging' ? before : { state: 'charging', since: now, tries: 0 }
  if (before === null) return null
  const to = (state: Wake['state'], tries = before.tries): Wake => ({ state, since: now, tries })
  const paused = limit !== null && limit < min
  switch (before.state) {
    case 'charging':
      return paused ? to('paused', 0) : before
    case 'paused':
      return paused ? before : to('offered')
    case 'offered':
      if (paused) return to('paused')
      if (seen.content || draw === null || between(before.since, now) < WAKES_WITHIN) return before
      return before.tries < TRIES ? to('nudged', before.tries + 1) : to('asleep')
    case 'nudged':
      return paused && between(before.since, now) >= NUDGE ? to('paused') : before
    case 'asleep':
      return before
  }
}

import type { Misbehaviour } from './misbehaviour.ts'

/** What a station makes of its limit by itself: in its own steps, and while the CSMS is out of reach. */
export class OwnWays {
  #last = 0

  /** @param of.rating and the limit are A per phase or W */
  offers(
    limit: number,
    of: { online: boolean; rating: number; how: Pick<Misbehaviour, 'alone' | 'roundsTo'> },
  ): number {
    const { alone, roundsTo } = of.how
    const rounded = roundsTo > 0 ? Math.floor(limit / roundsTo + 1e-9) * roundsTo : limit
    if (of.online) this.#last = rounded
    if (of.online || alone === 'profiles') return rounded
    if (alone === 'keeps') return this.#last
    return alone === 'full' ? of.rating : 0
  }
}

import { PHASES } from '@busbar/units/per-phase.ts'
import { worstCase } from '../domain/load-balancing/transition.ts'
import type { TestDepot } from './test-depot.ts'

/**
 * Watches one feeder of EVSEs alone: what really flows each second, and in every decision what all EVSEs may draw at
 * most. Its capacity never changes, so only a station that does not do as it said can put either above the rating.
 */
export class FeederWatch {
  /** Highest current seen on a conductor, A. */
  mostA = 0
  /** Longest time in one go that a conductor was above the rating, s. */
  longestOverS = 0
  /** Most by which the committed worst case was above a row, A. */
  committedOverA = Number.NEGATIVE_INFINITY
  /** Raises after which the worst case does not fit a row that they load, each counted on top of those before it. */
  unsafeRaises = 0
  readonly #test: TestDepot
  readonly #feeder: string
  readonly #ratingA: number
  #overS = 0

  constructor(test: TestDepot, feeder: string, ratingA: number) {
    this.#test = test
    this.#feeder = feeder
    this.#ratingA = ratingA
    test.edge.control.onDecision(() => this.#judge())
  }

  /** To be called each second. */
  readonly look = (): void => {
    const most = Math.max(...PHASES.map((phase) => this.#test.drawnA(this.#feeder)[phase]))
    this.mostA = Math.max(this.mostA, most)
    this.#overS = most > this.#ratingA ? this.#overS + 1 : 0
    this.longestOverS = Math.max(this.longestOverS, this.#overS)
  }

  #judge(): void {
    const { snapshot, transition } = this.#test.edge.control.decision()
    const over = worstCase(snapshot).map((load, row) => load - (snapshot.rows[row]?.capacity ?? 0))
    snapshot.rows.forEach(({ circuit, duty }, row) => {
      if (String(circuit) === this.#feeder && duty === 'protect')
        this.committedOverA = Math.max(this.committedOverA, (over[row] ?? 0) / 1000)
    })
    const holds = new Map(snapshot.evses.map(({ key, hold }) => [key, hold]))
    for (const { key, kind, level } of transition.moves) {
      if (kind !== 'raise') continue
      holds.set(key, Math.max(holds.get(key) ?? 0, level))
      const evses = snapshot.evses.map((evse) => ({ ...evse, hold: holds.get(evse.key) ?? evse.hold }))
      const loads = snapshot.evses.find((evse) => evse.key === key)?.loads ?? []
      const after = worstCase({ ...snapshot, evses })
      const full = ({ row, perLevel }: (typeof loads)[number]) =>
        perLevel > 0 && (after[row] ?? 0) > (snapshot.rows[row]?.capacity ?? 0)
      if (loads.some(full)) this.unsafeRaises++
    }
  }
}

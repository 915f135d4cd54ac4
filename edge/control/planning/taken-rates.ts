import type { EvseKey, TransactionId } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import { freshReport } from '../../domain/load-balancing/observation.ts'
import type { SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import type { EvseNow } from '../use.ts'

interface Taken {
  readonly transaction: TransactionId
  /** Since when it has been seen to draw. */
  readonly since: Monotonic
  readonly mostW: number
  /** What it took while it might have taken more; null while it takes what it may. */
  readonly atMostW: number | null
}

/** A vehicle that draws less than it may for this long takes no more. */
const SETTLED = seconds(60)
/** Vehicles need half a minute to come up; after this what one was seen to take is what it can take. */
const SEEN_FOR = minutes(2)
/** Below this nothing is charged, W. */
const NOTHING_W = 500
/** What is taken moves by this part. */
const ABOUT = 1.05

/** What vehicles were seen to take, for as long as they are there. */
export class TakenRates {
  readonly #taken = new Map<EvseKey, Taken>()

  note({ evse, use, open }: EvseNow, wattsPerLevel: number, now: Monotonic): void {
    const level = freshReport(use.observation, now)?.level ?? null
    const before = this.#taken.get(evse.key)
    if (open === undefined || (before !== undefined && before.transaction !== open.transaction))
      this.#taken.delete(evse.key)
    if (open === undefined || level === null || level * wattsPerLevel < NOTHING_W) return
    const drawnW = level * wattsPerLevel
    const known = this.#taken.get(evse.key)
    const { slackSince } = use.observation
    const slack = slackSince !== null && between(slackSince, now) >= SETTLED
    const bound = known?.atMostW ?? null
    this.#taken.set(evse.key, {
      transaction: open.transaction,
      since: known?.since ?? now,
      mostW: Math.max(known?.mostW ?? 0, drawnW),
      atMostW: slack ? drawnW * ABOUT : bound !== null && drawnW > bound ? null : bound,
    })
  }

  /** What it was surely seen to take, W; null until it has been seen for long enough. */
  provenW(key: EvseKey, now: Monotonic): number | null {
    const taken = this.#taken.get(key)
    return taken === undefined || between(taken.since, now) < SEEN_FOR ? null : taken.mostW
  }

  /** The most a plan may count on of a vehicle whose EVSE could give `ratedW`. */
  bestW({ key }: Pick<SnapshotEvse, 'key'>, ratedW: number): number {
    return Math.min(ratedW, this.#taken.get(key)?.atMostW ?? ratedW)
  }
}

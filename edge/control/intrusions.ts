import type { StationId } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { Intrusion } from '../domain/incidents/rule.ts'

/** How long a notice stands after it was given last. */
const STANDS = minutes(10)
/** Facts that notices may become within such a time; who attacks for days fills no disk. */
const FACTS = 120

/** What was noticed of an attack: at most one of each kind for each station, so it is bounded by the site. */
export class Intrusions {
  readonly #standing = new Map<string, { readonly intrusion: Intrusion; readonly at: Monotonic }>()
  #facts = 0
  #since: Monotonic | null = null

  /** @returns whether it is to become a fact; when there were too many, it only stands */
  note(intrusion: Intrusion, at: Monotonic): boolean {
    const key = keyOf(intrusion)
    this.#standing.delete(key)
    this.#standing.set(key, { intrusion, at })
    if (this.#since === null || between(this.#since, at) >= STANDS) {
      this.#since = at
      this.#facts = 0
    }
    this.#facts += 1
    return this.#facts <= FACTS
  }

  standing(now: Monotonic): readonly Intrusion[] {
    for (const [key, { at }] of this.#standing) {
      if (between(at, now) < STANDS) break
      this.#standing.delete(key)
    }
    return [...this.#standing.values()].map(({ intrusion }) => intrusion)
  }
}

const keyOf = ({ notice, station }: { notice: string; station: StationId | null }): string =>
  `${notice} ${station ?? ''}`

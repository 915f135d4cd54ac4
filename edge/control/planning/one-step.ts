import type { EvseKey } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import { oneStepProgram, proposalOf } from '../../domain/load-balancing/one-step-lp.ts'
import type { Level } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import type { Planner } from '../../domain/ports/planner.ts'
import { bestStep } from '../../domain/scheduling/best-step.ts'
import type { Aim, Want } from '../../domain/scheduling/standing.ts'
import { withStanding } from '../../domain/scheduling/with-standing.ts'

/** Proposals are made this often, and sooner when somebody comes or goes. */
const PERIOD = minutes(1)
const AT_ONCE = seconds(5)
/** A proposal stands for two periods when no newer one comes. */
const STANDS = minutes(2)
const LIMIT = seconds(1)

interface Standing {
  readonly at: Monotonic
  readonly about: string
  readonly levels: ReadonlyMap<EvseKey, Level>
}

/**
 * The balancer's program for the most weighted power in one step, solved beside the loop. What comes back is a proposal
 * in the snapshot, which the allocation takes only where it is safe and worth no less than its own.
 */
export class OneStepStage {
  readonly #planner: Planner
  readonly #aim: Aim
  #standing: Standing | null = null
  #asked: { readonly at: Monotonic; readonly about: string } | null = null
  #busy = false

  constructor(planner: Planner, aim: Aim) {
    this.#planner = planner
    this.#aim = aim
  }

  get busy(): boolean {
    return this.#busy
  }

  /** Asks for a proposal where one is due, and gives what stands. */
  advise(snapshot: SiteSnapshot, wants: ReadonlyMap<EvseKey, Want>, now: Monotonic): SiteSnapshot {
    if (wants.size === 0) return snapshot
    const aimed = this.#aimed(snapshot, wants)
    this.#ask(aimed, { wants, about: aboutOf(aimed), now })
    return this.#proposed(aimed, now)
  }

  /** The snapshot with each vehicle's standing, and with the proposal that stands for those who are there. */
  asStands(snapshot: SiteSnapshot, wants: ReadonlyMap<EvseKey, Want>, now: Monotonic): SiteSnapshot {
    return wants.size === 0 ? snapshot : this.#proposed(this.#aimed(snapshot, wants), now)
  }

  #aimed(snapshot: SiteSnapshot, wants: ReadonlyMap<EvseKey, Want>): SiteSnapshot {
    return withStanding(snapshot, wants, { aim: this.#aim, periodH: 1 / 12 })
  }

  #proposed(aimed: SiteSnapshot, now: Monotonic): SiteSnapshot {
    const standing = this.#standing
    const about = aboutOf(aimed)
    if (standing === null || standing.about !== about || between(standing.at, now) > STANDS) return aimed
    return {
      ...aimed,
      evses: aimed.evses.map((evse) => {
        const proposed = standing.levels.get(evse.key)
        return proposed === undefined ? evse : { ...evse, proposed }
      }),
    }
  }

  #ask(
    snapshot: SiteSnapshot,
    { wants, about, now }: { wants: ReadonlyMap<EvseKey, Want>; about: string; now: Monotonic },
  ): void {
    const since = this.#asked === null ? Number.POSITIVE_INFINITY : between(this.#asked.at, now)
    if (this.#busy || since < (this.#asked?.about === about ? PERIOD : AT_ONCE)) return
    const step = oneStepProgram(snapshot)
    this.#asked = { at: now, about }
    if (step === undefined) return
    this.#busy = true
    this.#planner
      .solve(step.program, LIMIT)
      .then((answer) => {
        if (answer.kind === 'none') return
        const { shares } = bestStep(snapshot, proposalOf(step, answer.values), takesOf(snapshot, wants))
        const levels = new Map([...shares].map(([key, { level }]) => [key, level]))
        this.#standing = { at: now, about, levels }
      })
      // No proposal is nothing to tell of: the balancer's own filling is as safe.
      .catch(() => undefined)
      .finally(() => {
        this.#busy = false
      })
  }
}

const aboutOf = ({ evses }: SiteSnapshot): string =>
  evses.flatMap(({ key, steerable }) => (steerable ? [key] : [])).join()

const takesOf = ({ evses }: SiteSnapshot, wants: ReadonlyMap<EvseKey, Want>): ReadonlyMap<EvseKey, Level> =>
  new Map(
    evses.flatMap(({ key, wattsPerLevel }): [EvseKey, Level][] => {
      const want = wants.get(key)
      return want === undefined ? [] : [[key, want.bestW / wattsPerLevel]]
    }),
  )

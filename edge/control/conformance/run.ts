import { DepotError } from '@busbar/model/depot-error.ts'
import { type Duration, type Instant, type Monotonic, monotonic } from '@busbar/units/time.ts'
import type {
  ConformanceFinding,
  ConformanceStep,
  MeasuredCapabilities,
  QuirkSeen,
} from '../../domain/charging/conformance/conformance-facts.ts'
import type { Actor, EvseSample } from '../../domain/inputs.ts'
import type { Level } from '../../domain/load-balancing/rows.ts'
import type { Evse } from '../../domain/site/site.ts'
import type { SiteMeter } from './site-meter.ts'

interface Waiter {
  readonly holds: () => boolean
  readonly until: Monotonic
  settle(held: boolean): void
  fail(error: DepotError): void
}

/** What starts a run. */
export interface RunOf {
  readonly id: string
  readonly evse: Evse
  readonly by: Actor
  readonly firmware: string | null
  readonly startedAt: Instant
  readonly skip: readonly ConformanceStep[]
}

/** A sample as it came, and when. */
export interface HeardSample {
  readonly at: Instant
  /** 0 is the station as a whole. */
  readonly evse: number
  readonly sample: EvseSample
}

const KEPT_SAMPLES = 200

/** One conformance run: what it found so far, and its waiting for what comes. Looked at once a tick. */
export class Run {
  readonly of: RunOf
  readonly steps: ConformanceFinding[] = []
  readonly quirks = new Map<string, QuirkSeen>()
  readonly heard: HeardSample[] = []
  capabilities: MeasuredCapabilities = {}
  current: ConformanceStep | null = null
  /** What the vehicle takes when nothing limits it below the EVSE's rating. */
  top: Level = 0
  /** The site's meter that sees the EVSE; null where none does well enough. */
  meter: SiteMeter | null = null
  /** The station follows limits as they are usually sent, so that what comes after them can be judged. */
  obeys = false
  /** Longest time in which a limit took effect, s; null before one was seen to. */
  settledS: number | null = null
  /** How long it drew more after a new limit than before or after it, s. */
  spikeS = 0
  /** What it was last seen to draw. */
  drawn: Level = 0
  /** The station is out of reach on purpose. */
  away = false
  /** All may be set anew at the station; else only the run sends it limits. */
  lets = false
  /** The transaction may end without ending the run. */
  mayEnd = false
  readonly #now: () => Monotonic
  readonly #waiting = new Set<Waiter>()
  #over: DepotError | null = null

  constructor(of: RunOf, now: () => Monotonic) {
    this.of = of
    this.#now = now
  }

  get evse(): Evse {
    return this.of.evse
  }

  /** True once `holds`, looked at each tick; false when `atMost` has passed. @throws DepotError `conformance.aborted` */
  until(holds: () => boolean, atMost: Duration): Promise<boolean> {
    if (this.#over !== null) return Promise.reject(this.#over)
    const until = monotonic(this.#now() + atMost)
    return new Promise((settle, fail) => this.#waiting.add({ holds, until, settle, fail }))
  }

  /** @throws DepotError `conformance.aborted` */
  async pass(time: Duration): Promise<void> {
    await this.until(() => false, time)
  }

  turn(): void {
    for (const waiter of [...this.#waiting]) {
      const held = waiter.holds()
      if (!held && this.#now() < waiter.until) continue
      this.#waiting.delete(waiter)
      waiter.settle(held)
    }
  }

  /** Ends the run; the first reason counts. */
  abort(reason: string): void {
    this.#over ??= new DepotError('conformance.aborted', reason)
    for (const { fail } of this.#waiting) fail(this.#over)
    this.#waiting.clear()
  }

  /** Lets everything go without an end, when the controller stops. */
  drop(): void {
    this.#waiting.clear()
  }

  measured(capabilities: MeasuredCapabilities): void {
    this.capabilities = { ...this.capabilities, ...capabilities }
  }

  saw(key: string, value: unknown, reason: string): void {
    this.quirks.set(key, { key, value, reason })
  }

  takes(samples: readonly EvseSample[], of: { readonly at: Instant; readonly evse: number }): void {
    this.heard.push(...samples.map((sample) => ({ ...of, sample })))
    this.heard.splice(0, this.heard.length - KEPT_SAMPLES)
  }
}

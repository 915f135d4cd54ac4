import type { EvseKey } from '@busbar/model/ids.ts'
import type { Duration, Monotonic } from '@busbar/units/time.ts'
import type { LimitLedger } from '../domain/charging/limit-ledger.ts'
import type { LimitTimes } from '../domain/load-balancing/hold.ts'

const none: ReadonlyMap<number, LimitTimes> = new Map()

/**
 * When limits were sent and answered, on the monotonic clock of this run: a step of wall time must neither end a lease
 * nor prove a limit settled. Limits of an earlier run count as sent and answered at our start, which is later than the
 * truth and therefore safe.
 */
export class LimitClock {
  readonly #times = new Map<EvseKey, Map<number, LimitTimes>>()

  of(key: EvseKey): ReadonlyMap<number, LimitTimes> {
    return this.#times.get(key) ?? none
  }

  sent(key: EvseKey, request: number, { at, lease }: { at: Monotonic; lease: Duration | null }): void {
    const times = this.#times.get(key) ?? new Map<number, LimitTimes>()
    this.#times.set(key, times.set(request, { sentAt: at, answeredAt: null, lease }))
  }

  answered(key: EvseKey, request: number, at: Monotonic): void {
    const times = this.#times.get(key)
    const sent = times?.get(request)
    if (times && sent) times.set(request, { ...sent, answeredAt: at })
  }

  restored(key: EvseKey, ledger: LimitLedger, { at, lease }: { at: Monotonic; lease: Duration }): void {
    const entries = [...ledger.defaults, ...ledger.standing].map((entry): [number, LimitTimes] => [
      entry.request,
      { sentAt: at, answeredAt: at, lease: entry.leaseUntil === null ? null : lease },
    ])
    this.#times.set(key, new Map(entries))
  }

  /** Drops what the ledger no longer holds. */
  prune(key: EvseKey, ledger: LimitLedger): void {
    const held = new Set([...ledger.defaults, ...ledger.standing].map(({ request }) => request))
    const times = this.#times.get(key)
    for (const request of times?.keys() ?? []) if (!held.has(request)) times?.delete(request)
  }
}

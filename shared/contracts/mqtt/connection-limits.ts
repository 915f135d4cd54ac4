import type { Clock } from '@busbar/model/clock.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'

export interface ConnectionBounds {
  readonly perAddress: number
  readonly inTotal: number
  /** Wrong passwords from one address within a minute after which it is not listened to for the rest of it. */
  readonly failures: number
}

const FAILURE_WINDOW = minutes(1)
/** Addresses whose failures are remembered; the oldest is forgotten first, so that memory stays flat. */
const REMEMBERED = 1024

/** Counts connections by address and remembers where wrong passwords come from. */
export class ConnectionLimits {
  readonly #clock: Clock
  readonly #bounds: ConnectionBounds
  readonly #open = new Map<string, number>()
  readonly #failures = new Map<string, { count: number; since: Monotonic }>()
  #total = 0

  constructor(clock: Clock, bounds: ConnectionBounds) {
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Why this address may not open another connection now; null when it may. */
  refuse(address: string): string | null {
    const { perAddress, inTotal, failures } = this.#bounds
    if (this.#total >= inTotal) return `${inTotal} connections are open`
    if ((this.#open.get(address) ?? 0) >= perAddress)
      return `${perAddress} connections are open from ${address}`
    const failed = this.#recentFailures(address)
    return failed >= failures ? `${failed} wrong passwords from ${address}` : null
  }

  opened(address: string): void {
    this.#total++
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1)
  }

  closed(address: string): void {
    this.#total--
    const left = (this.#open.get(address) ?? 1) - 1
    if (left === 0) this.#open.delete(address)
    else this.#open.set(address, left)
  }

  failed(address: string): void {
    const count = this.#recentFailures(address)
    const since = count === 0 ? this.#clock.monotonic() : this.#failures.get(address)?.since
    this.#failures.set(address, { count: count + 1, since: since ?? this.#clock.monotonic() })
    for (const oldest of this.#failures.keys())
      if (this.#failures.size > REMEMBERED) this.#failures.delete(oldest)
      else break
  }

  #recentFailures(address: string): number {
    const failed = this.#failures.get(address)
    if (failed && between(failed.since, this.#clock.monotonic()) < FAILURE_WINDOW) return failed.count
    this.#failures.delete(address)
    return 0
  }
}

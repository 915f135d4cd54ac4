import type { Clock } from '@busbar/model/clock.ts'

const PER_ADDRESS = 64
const IN_TOTAL = 4096
const FAILURES = 10
const FAILURE_WINDOW_MS = 60_000

/** Counts connections by address and remembers where wrong passwords come from. */
export class ConnectionLimits {
  readonly #clock: Clock
  readonly #open = new Map<string, number>()
  readonly #failures = new Map<string, { count: number; since: number }>()
  #total = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Why this address may not connect now; null when it may. */
  refuse(address: string): string | null {
    if (this.#total > IN_TOTAL) return `more than ${IN_TOTAL} connections`
    if ((this.#open.get(address) ?? 0) > PER_ADDRESS)
      return `more than ${PER_ADDRESS} connections from ${address}`
    const failed = this.#failures.get(address)
    const recent = failed !== undefined && this.#clock.monotonic() - failed.since < FAILURE_WINDOW_MS
    if (!recent) this.#failures.delete(address)
    return recent && failed.count >= FAILURES ? `${failed.count} refused passwords from ${address}` : null
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
    const before = this.#failures.get(address)
    this.#failures.set(address, {
      count: (before?.count ?? 0) + 1,
      since: before?.since ?? this.#clock.monotonic(),
    })
  }
}

import type { Instant } from '@busbar/units/time.ts'
import type { Receipt } from '../station/transaction-queue.ts'

/** Something that happened in the virtual depot. `subject` is a station or vehicle, or `depot`. */
export interface DepotEvent {
  readonly at: Instant
  readonly subject: string
  readonly kind: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The last so many entries of two logs. */
export class History {
  readonly #keep: number
  readonly #listener: ((event: DepotEvent) => void) | undefined
  #events: DepotEvent[] = []
  #receipts: Receipt[] = []

  constructor(keep: number, listener?: (event: DepotEvent) => void) {
    this.#keep = keep
    this.#listener = listener
  }

  add(event: DepotEvent): void {
    this.#events.push(event)
    if (this.#events.length > this.#keep * 2) this.#events = this.#events.slice(-this.#keep)
    this.#listener?.(event)
  }

  acknowledge(receipt: Receipt): void {
    this.#receipts.push(receipt)
    if (this.#receipts.length > this.#keep * 2) this.#receipts = this.#receipts.slice(-this.#keep)
  }

  /** In order of time, then subject, then occurrence: independent of which socket was read first. */
  events(): readonly DepotEvent[] {
    return this.#events.toSorted(
      (a, b) => a.at - b.at || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0),
    )
  }

  receipts(): readonly Receipt[] {
    return [...this.#receipts]
  }
}

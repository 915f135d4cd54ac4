import type { Clock, Timer } from '@busbar/model/clock.ts'
import { seconds } from '@busbar/units/time.ts'
import type { IncomingBatch } from '../domain/ports/fleet-store.ts'

const PLACES = 16
const PATIENCE = seconds(2)

const firstOf = (batch: IncomingBatch): number => batch.records[0]?.seq ?? 0

/** Batches of one depot that came before their predecessor. After two seconds they are let go and asked for again. */
export class Parking {
  readonly #clock: Clock
  readonly #onGiveUp: (firstSeq: number) => void
  readonly #parked = new Map<number, IncomingBatch>()
  #timer: Timer | undefined

  constructor(clock: Clock, onGiveUp: (firstSeq: number) => void) {
    this.#clock = clock
    this.#onGiveUp = onGiveUp
  }

  /** Keeps the batch if there is room. */
  park(batch: IncomingBatch): void {
    if (this.#parked.size < PLACES) this.#parked.set(firstOf(batch), batch)
    this.#timer ??= this.#clock.timer(PATIENCE, () => {
      const first = Math.min(...this.#parked.keys())
      this.clear()
      this.#onGiveUp(first)
    })
  }

  /** Takes out the batch that a head of `seq` lets in; undefined when none is parked that fits. */
  takeAfter(seq: number): IncomingBatch | undefined {
    const fitting = [...this.#parked.values()].find((batch) => firstOf(batch) <= seq + 1)
    if (fitting) this.#parked.delete(firstOf(fitting))
    if (this.#parked.size === 0) this.clear()
    return fitting
  }

  clear(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#parked.clear()
  }
}

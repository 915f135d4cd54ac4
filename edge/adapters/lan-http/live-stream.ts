import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Duration, milliseconds } from '@busbar/units/time.ts'

/** Gets each new picture as text. */
export type Reader = (picture: string) => void

/**
 * The depot's picture for every reader, at most once each `spacing`; it is built and written as text once for all, and
 * not at all while nobody reads.
 */
export class LiveStream {
  readonly #clock: Clock
  readonly #spacing: Duration
  readonly #picture: () => object
  readonly #readers = new Set<Reader>()
  #last = Number.NEGATIVE_INFINITY
  #timer: Timer | null = null

  constructor(options: { clock: Clock; spacing: Duration; picture: () => object }) {
    this.#clock = options.clock
    this.#spacing = options.spacing
    this.#picture = options.picture
  }

  /** Adds a reader and sends it the picture at once; the answer removes it. */
  listen(reader: Reader): () => void {
    this.#readers.add(reader)
    reader(JSON.stringify(this.#picture()))
    return () => this.#readers.delete(reader)
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Something changed. */
  changed(): void {
    if (this.#readers.size === 0 || this.#timer !== null) return
    const due = this.#last + this.#spacing - this.#clock.monotonic()
    if (due <= 0) {
      this.#send()
      return
    }
    this.#timer = this.#clock.timer(milliseconds(due), () => {
      this.#timer = null
      this.#send()
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#readers.clear()
  }

  #send(): void {
    this.#last = this.#clock.monotonic()
    const text = JSON.stringify(this.#picture())
    for (const reader of this.#readers) reader(text)
  }
}

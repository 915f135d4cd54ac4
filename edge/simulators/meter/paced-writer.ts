import type { Clock, Timer } from '@busbar/model/clock.ts'
import { milliseconds } from '@busbar/units/time.ts'

/** One byte on the wire, in bits: start, eight, parity or a second stop, stop. */
const BITS = 11
/** At a baud rate, bytes are written in parcels of about this long, as a serial driver hands them over. */
const PARCEL_MS = 5

/** A frame to write, in pieces of so many bytes that far apart when it is split. */
export interface Outgoing {
  readonly bytes: Buffer
  readonly split?: { readonly bytes: number; readonly gapMs: number } | undefined
  /** When the last byte is out. */
  readonly done: () => void
}

export interface PacedWriterOptions {
  readonly clock: Clock
  /** Absent where bytes take no time. */
  readonly baud?: number | undefined
  readonly write: (bytes: Buffer) => void
}

/** Time that bytes take at a baud rate; none without one. */
export const wireMs = (bytes: number, baud: number | undefined): number =>
  baud === undefined ? 0 : (bytes * BITS * 1000) / baud

interface Step {
  readonly at: number
  readonly run: () => void
}

/** Writes frames one after the other, each in the time it takes at the baud rate. */
export class PacedWriter {
  readonly #options: PacedWriterOptions
  readonly #steps: Step[] = []
  #timer: Timer | undefined
  #freeAt = Number.NEGATIVE_INFINITY
  #stopped = false

  constructor(options: PacedWriterOptions) {
    this.#options = options
  }

  send({ bytes, split, done }: Outgoing): void {
    if (this.#stopped) return
    const { baud, clock, write } = this.#options
    const start = Math.max(clock.monotonic(), this.#freeAt)
    const parcel = baud === undefined ? bytes.length : Math.ceil(PARCEL_MS / wireMs(1, baud))
    const size = Math.max(1, Math.min(split?.bytes ?? bytes.length, parcel))
    this.#freeAt = start
    for (let from = 0; from < bytes.length; from += size) {
      const to = Math.min(bytes.length, from + size)
      this.#freeAt = start + wireMs(to, baud) + Math.floor(from / size) * (split?.gapMs ?? 0)
      this.#steps.push({ at: this.#freeAt, run: () => write(bytes.subarray(from, to)) })
    }
    this.#steps.push({ at: this.#freeAt, run: done })
    this.#run()
  }

  stop(): void {
    this.#stopped = true
    this.#steps.length = 0
    this.#timer?.cancel()
  }

  #run(): void {
    if (this.#timer) return
    for (let step = this.#steps[0]; step; step = this.#steps[0]) {
      const wait = step.at - this.#options.clock.monotonic()
      if (wait > 0) {
        this.#timer = this.#options.clock.timer(milliseconds(wait), () => {
          this.#timer = undefined
          this.#run()
        })
        return
      }
      this.#steps.shift()
      step.run()
    }
  }
}

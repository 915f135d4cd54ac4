import type { Clock, Timer } from '@busbar/model/clock.ts'
import { milliseconds } from '@busbar/units/time.ts'

/** Entries gather so long, so that a busy depot costs few transactions. */
const GATHER = milliseconds(500)
/** Entries in one group at most: while it is written nothing else is committed. */
const GROUP = 2000

export interface MessageQueueOptions<T> {
  readonly clock: Clock
  /** Entries that may wait; above it the oldest are let go. */
  readonly capacity: number
  /** Entries in one group at most, 2000 when not given. */
  readonly group?: number
  write(entries: readonly T[]): Promise<void>
}

/** Frames or decisions on their way to their log: never more than one group under way, and only so many waiting. */
export class MessageQueue<T> {
  readonly #options: MessageQueueOptions<T>
  #waiting: T[] = []
  #timer: Timer | null = null
  #writing: Promise<void> | null = null
  #dropped = 0

  constructor(options: MessageQueueOptions<T>) {
    this.#options = options
  }

  get #group(): number {
    return this.#options.group ?? GROUP
  }

  get dropped(): number {
    return this.#dropped
  }

  add(entry: T): void {
    this.#waiting.push(entry)
    const over = this.#waiting.length - this.#options.capacity
    // in pieces: letting one go at a time would move the whole array with each frame
    if (over > this.#group) {
      this.#waiting.splice(0, over)
      this.#dropped += over
    }
    if (this.#writing === null) this.#timer ??= this.#options.clock.timer(GATHER, () => this.#next())
  }

  /** Writes what waits and stops gathering. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    await this.#writing
    while (this.#waiting.length > 0) await this.#write()
  }

  #next(): void {
    this.#timer = null
    this.#writing = this.#write().finally(() => {
      this.#writing = null
      if (this.#waiting.length > 0) this.#timer ??= this.#options.clock.timer(GATHER, () => this.#next())
    })
  }

  async #write(): Promise<void> {
    const group = this.#waiting.splice(0, this.#group)
    try {
      await this.#options.write(group)
    } catch {
      // What cannot be logged is counted; what it led to is in the facts.
      this.#dropped += group.length
    }
  }
}

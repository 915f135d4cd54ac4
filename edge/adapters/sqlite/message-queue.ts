import type { Clock, Timer } from '@busbar/model/clock.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { LoggedMessage } from '../../domain/ports/message-log.ts'

/** Frames gather so long, so that a busy depot costs few transactions. */
const GATHER = milliseconds(500)
/** Frames in one group at most: while it is written nothing else is committed. */
const GROUP = 2000

export interface MessageQueueOptions {
  readonly clock: Clock
  /** Frames that may wait; above it the oldest are let go. */
  readonly capacity: number
  write(messages: readonly LoggedMessage[]): Promise<void>
}

/** Frames on their way to the message log: never more than one group under way, and only so many waiting. */
export class MessageQueue {
  readonly #options: MessageQueueOptions
  #waiting: LoggedMessage[] = []
  #timer: Timer | null = null
  #writing: Promise<void> | null = null
  #dropped = 0

  constructor(options: MessageQueueOptions) {
    this.#options = options
  }

  get dropped(): number {
    return this.#dropped
  }

  add(message: LoggedMessage): void {
    this.#waiting.push(message)
    const over = this.#waiting.length - this.#options.capacity
    // in pieces: letting one go at a time would move the whole array with each frame
    if (over > GROUP) {
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
    const group = this.#waiting.splice(0, GROUP)
    try {
      await this.#options.write(group)
    } catch {
      // A frame that cannot be logged is counted; what it said is in the facts.
      this.#dropped += group.length
    }
  }
}

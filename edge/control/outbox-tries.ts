import { between, type Duration, hours, type Monotonic, seconds } from '@busbar/units/time.ts'

interface Tried {
  readonly times: number
  readonly connection: number | undefined
  readonly at: Monotonic
}

interface Now {
  readonly connection: number | undefined
  readonly now: Monotonic
}

const FIRST_PAUSE = seconds(30)
const LONGEST_PAUSE = hours(1)

/**
 * When a kept command that was not answered may be sent again: never twice on one connection, at once on the next, and
 * after that with pauses that double. Each try may write to the station's flash, and has its limits set anew.
 */
export class OutboxTries {
  readonly #tried = new Map<string, Tried>()

  get size(): number {
    return this.#tried.size
  }

  unanswered(command: string, { connection, now }: Now): void {
    const times = (this.#tried.get(command)?.times ?? 0) + 1
    this.#tried.set(command, { times, connection, at: now })
  }

  due(command: string, { connection, now }: Now): boolean {
    const tried = this.#tried.get(command)
    if (tried === undefined) return true
    return tried.connection !== connection && between(tried.at, now) >= pauseAfter(tried.times)
  }

  /** Forgets the commands that have ended. */
  keep(waits: (command: string) => boolean): void {
    for (const command of this.#tried.keys()) if (!waits(command)) this.#tried.delete(command)
  }
}

const pauseAfter = (times: number): Duration =>
  times < 2 ? seconds(0) : (Math.min(FIRST_PAUSE * 2 ** (times - 2), LONGEST_PAUSE) as Duration)

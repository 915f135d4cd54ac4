import { type Duration, type Monotonic, milliseconds } from '@busbar/units/time.ts'

const KEPT = 512

interface Use {
  readonly from: Monotonic
  readonly to: Monotonic
}

/** What the last requests on a line took. */
export class LineStats {
  readonly #replies: number[] = []
  readonly #uses: Use[] = []
  #worst = 0

  /** A reply and how long it took. */
  replied(took: number): void {
    this.#worst = Math.max(this.#worst, took)
    keep(this.#replies, took)
  }

  /** A time during which the line could not be used for anything else: rest, request and reply, silence. */
  used(from: Monotonic, to: Monotonic): void {
    keep(this.#uses, { from, to })
  }

  /** Longest reply ever. */
  get worst(): Duration {
    return milliseconds(this.#worst)
  }

  /** Of the last replies; undefined before the first. */
  reply(share: number): Duration | undefined {
    const sorted = this.#replies.toSorted((a, b) => a - b)
    const found = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
    return found === undefined ? undefined : milliseconds(found)
  }

  /** Share of the time since the oldest use that is kept; 0 to 1. */
  occupancy(now: Monotonic): number {
    const since = this.#uses[0]?.from
    if (since === undefined || now <= since) return 0
    const busy = this.#uses.reduce((sum, { from, to }) => sum + to - from, 0)
    return Math.min(1, busy / (now - since))
  }
}

function keep<T>(list: T[], entry: T): void {
  list.push(entry)
  if (list.length > KEPT) list.shift()
}

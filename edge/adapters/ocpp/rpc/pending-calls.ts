import type { Clock, Timer } from '@busbar/model/clock.ts'
import type { Duration, Monotonic } from '@busbar/units/time.ts'
import type { CommandPriority, StationAnswer } from '../../../domain/commands.ts'

/** What has been written to the station; `answer` rejects when it answers with an error or is lost. */
export interface Written {
  readonly answer: Promise<StationAnswer>
}

/** A command waiting for its station's line. */
export interface LineRequest {
  readonly priority: CommandPriority
  readonly deadline: Duration
  /** Requests of one slot replace each other while they wait. */
  readonly slot: string | null
  /** Writes it, at the moment the line is free. A value instead of a `Written` settles it without a byte sent. */
  write(): Written | StationAnswer
}

export interface LineOptions {
  readonly clock: Clock
  readonly giveUp: Duration
  readonly capacity: number
  /** An answer came after we stopped waiting for it. */
  late(answer: StationAnswer): void
}

interface Entry {
  readonly request: LineRequest
  readonly settle: (answer: StationAnswer) => void
  expiry: Timer | null
}

interface InFlight {
  readonly entry: Entry
  readonly sentAt: Monotonic
  readonly deadline: Timer
  hurry: Timer | null
  settled: boolean
}

const ORDER: readonly CommandPriority[] = ['limit', 'operator', 'poll']

/** The requests to one station: one at a time, limits first, never more than its capacity waiting. */
export class PendingCalls {
  readonly #options: LineOptions
  readonly #waiting: Record<CommandPriority, Entry[]> = { limit: [], operator: [], poll: [] }
  #inFlight: InFlight | null = null
  #closed = false

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Requests waiting or written and not settled. */
  get pending(): number {
    return this.#count() + (this.#inFlight ? 1 : 0)
  }

  /** Writes before it returns when the line is free. */
  send(request: LineRequest): Promise<StationAnswer> {
    return new Promise((settle) => {
      if (this.#closed) return settle({ status: 'not-sent', reason: 'offline' })
      const entry: Entry = { request, settle, expiry: null }
      if (!this.#replace(entry) && !this.#enqueue(entry))
        return settle({ status: 'not-sent', reason: 'queue-full' })
      this.#next()
      if (this.#waiting.limit.length > 0) this.#hurry()
    })
  }

  /** Settles everything: what was written may be in force, the rest never left. */
  close(): void {
    this.#closed = true
    const inFlight = this.#inFlight
    if (inFlight)
      this.#settle(inFlight, {
        status: 'unanswered',
        reason: 'disconnected',
        detail: 'the connection closed',
      })
    for (const entries of Object.values(this.#waiting))
      for (const entry of entries.splice(0)) this.#drop(entry, 'offline')
  }

  #count(): number {
    return ORDER.reduce((sum, priority) => sum + this.#waiting[priority].length, 0)
  }

  /** Takes the place of a waiting request of the same slot. */
  #replace(entry: Entry): boolean {
    if (entry.request.slot === null) return false
    const line = this.#waiting[entry.request.priority]
    const place = line.findIndex((other) => other.request.slot === entry.request.slot)
    const [old] = place < 0 ? [] : line.splice(place, 1, entry)
    if (!old) return false
    this.#drop(old, 'superseded')
    return true
  }

  #enqueue(entry: Entry): boolean {
    const { priority, deadline } = entry.request
    if (this.#count() >= this.#options.capacity && !this.#makeRoom(priority)) return false
    this.#waiting[priority].push(entry)
    // A limit never goes stale by waiting: a newer one takes its slot. Anything else would surprise the person who asked.
    if (priority !== 'limit') entry.expiry = this.#options.clock.timer(deadline, () => this.#expire(entry))
    return true
  }

  /** Gives up the newest waiting request of a lower priority. */
  #makeRoom(priority: CommandPriority): boolean {
    for (const lower of ORDER.slice(ORDER.indexOf(priority) + 1).reverse()) {
      const entry = this.#waiting[lower].pop()
      if (entry) {
        this.#drop(entry, 'queue-full')
        return true
      }
    }
    return false
  }

  #expire(entry: Entry): void {
    const line = this.#waiting[entry.request.priority]
    line.splice(line.indexOf(entry), 1)
    this.#drop(entry, 'expired')
  }

  #drop(entry: Entry, reason: 'offline' | 'superseded' | 'expired' | 'queue-full'): void {
    entry.expiry?.cancel()
    entry.settle({ status: 'not-sent', reason })
  }

  #next(): void {
    while (!this.#inFlight && !this.#closed) {
      const entry = ORDER.map((priority) => this.#waiting[priority])
        .find((line) => line.length > 0)
        ?.shift()
      if (!entry) return
      entry.expiry?.cancel()
      const written = entry.request.write()
      if ('answer' in written) this.#fly(entry, written)
      else entry.settle(written)
    }
  }

  #fly(entry: Entry, written: Written): void {
    const { clock } = this.#options
    const inFlight: InFlight = {
      entry,
      sentAt: clock.monotonic(),
      deadline: clock.timer(entry.request.deadline, () => this.#abandon(inFlight)),
      hurry: null,
      settled: false,
    }
    this.#inFlight = inFlight
    if (this.#waiting.limit.length > 0) this.#hurry()
    void written.answer.then((answer) => this.#answered(inFlight, answer))
  }

  /** A limit waits: the call before it has until `giveUp` after it was sent. */
  #hurry(): void {
    const inFlight = this.#inFlight
    if (!inFlight || inFlight.hurry) return
    const { clock, giveUp } = this.#options
    const left = Math.max(0, inFlight.sentAt + giveUp - clock.monotonic()) as Duration
    inFlight.hurry = clock.timer(left, () => {
      inFlight.hurry = null
      // The limit may have been settled otherwise meanwhile.
      if (this.#waiting.limit.length > 0) this.#abandon(inFlight)
    })
  }

  #abandon(inFlight: InFlight): void {
    const waited = (this.#options.clock.monotonic() - inFlight.sentAt) / 1000
    this.#settle(inFlight, { status: 'unanswered', reason: 'timeout', detail: `no answer in ${waited} s` })
    this.#next()
  }

  #answered(inFlight: InFlight, answer: StationAnswer): void {
    if (inFlight.settled) {
      if (!this.#closed) this.#options.late(answer)
      return
    }
    this.#settle(inFlight, answer)
    this.#next()
  }

  #settle(inFlight: InFlight, answer: StationAnswer): void {
    inFlight.settled = true
    inFlight.deadline.cancel()
    inFlight.hurry?.cancel()
    this.#inFlight = null
    inFlight.entry.settle(answer)
  }
}

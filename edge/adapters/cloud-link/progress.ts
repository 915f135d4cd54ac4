import type { Clock } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import { fromIso, type Instant } from '@busbar/units/time.ts'
import type { CloudLinkState } from '../../domain/ports/cloud-link.ts'
import type { FactLog } from '../../domain/ports/fact-log.ts'
import type { LinkLog } from './wire.ts'

/** What the link says of itself: its state, since when, and how much the cloud does not have yet. */
export class Progress {
  readonly #clock: Clock
  readonly #factLog: FactLog
  readonly #log: LinkLog
  #state: CloudLinkState['state'] = 'connecting'
  #since: Instant
  #reason: string | null = null
  #head = 0
  #acked = 0
  #oldestAt: Instant | null = null
  #looking = false

  constructor({ clock, factLog, log }: { clock: Clock; factLog: FactLog; log: LinkLog }) {
    this.#clock = clock
    this.#factLog = factLog
    this.#log = log
    this.#since = clock.now()
  }

  get head(): number {
    return this.#head
  }

  get acked(): number {
    return this.#acked
  }

  get oldestAt(): Instant | null {
    return this.#oldestAt
  }

  state(state: CloudLinkState['state'], reason: string | null): void {
    if (state !== this.#state) this.#since = this.#clock.now()
    this.#state = state
    this.#reason = reason
  }

  committed(head: number): void {
    this.#head = Math.max(head, this.#head)
    if (this.#oldestAt === null) void this.#lookUpOldest()
  }

  /** Also goes back: a restored cloud has less than it once acknowledged. */
  acknowledged(seq: number): void {
    this.#acked = seq
    this.#oldestAt = null
    void this.#lookUpOldest()
  }

  shown(): CloudLinkState {
    return {
      state: this.#state,
      since: this.#since,
      acked: this.#acked,
      unsent: Math.max(0, this.#head - this.#acked),
      oldestUnsentAt: this.#oldestAt,
      reason: this.#reason,
    }
  }

  get name(): CloudLinkState['state'] {
    return this.#state
  }

  get since(): Instant {
    return this.#since
  }

  async #lookUpOldest(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      for (let done = false; !done; ) {
        const acked = this.#acked
        const [record] = this.#head > acked ? await this.#factLog.read(acked, 1) : []
        done = acked === this.#acked
        if (done) this.#oldestAt = record ? occurredAt(record.line) : null
      }
    } catch (error) {
      this.#log.warn({ 'event.name': 'cloud-link.read' }, messageOf(error))
    } finally {
      this.#looking = false
    }
  }
}

function occurredAt(line: string): Instant | null {
  const record: unknown = JSON.parse(line)
  const held = typeof record === 'object' && record !== null && 'occurred_at' in record
  return held && typeof record.occurred_at === 'string' ? fromIso(record.occurred_at) : null
}

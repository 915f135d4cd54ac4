import type { Ack, SyncErrorBody } from '@busbar/contracts/sync/ack.ts'
import { type DecodedBatch, decodeBatch } from '@busbar/contracts/sync/batch-codec.ts'
import type { SendLimits } from '@busbar/contracts/sync/wire-types.ts'
import { toIso } from '@busbar/units/time.ts'
import type { IncomingBatch, LaneHead } from '../domain/ports/fleet-store.ts'
import { type CommitContext, commitRecords } from './commit-records.ts'
import type { Fleet } from './fleet.ts'
import { Parking } from './parking.ts'
import { readRecord } from './read-record.ts'

/** What a depot may have under way; its pace stays below the broker's rate limit. */
export const SEND_LIMITS: SendLimits = {
  window: 8,
  max_bytes: 262_144,
  min_interval_ms: 100,
  max_bytes_per_s: 768 * 1024,
}

export type SendDown = (depot: string, name: 'ack' | 'welcome', message: object) => void

/** Takes one depot's batches of facts in, one at a time, and acknowledges what is committed. */
export class FactsLane {
  readonly #depot: string
  readonly #context: CommitContext
  readonly #fleet: Fleet
  readonly #send: SendDown
  readonly #parking: Parking

  constructor(depot: string, context: CommitContext, wiring: { fleet: Fleet; send: SendDown }) {
    this.#depot = depot
    this.#context = context
    this.#fleet = wiring.fleet
    this.#send = wiring.send
    this.#parking = new Parking(context.clock, (firstSeq) => this.#giveUp(firstSeq))
  }

  async take(payload: Uint8Array): Promise<void> {
    const decoded = await decodeBatch(payload)
    const batch = this.#check(decoded)
    if (!batch) return
    for (let next: IncomingBatch | undefined = batch; next; ) next = await this.#commit(next)
  }

  stop(): void {
    this.#parking.clear()
  }

  #check(decoded: DecodedBatch): IncomingBatch | null {
    const { header } = decoded
    const current = this.#fleet.currentEpoch(this.#depot)
    const epoch = header?.epoch ?? current?.epoch ?? ''
    if (header && header.depot_id !== this.#depot) {
      this.#note('bad-message', `batch names depot ${header.depot_id}`)
      return null
    }
    if (!decoded.ok) {
      this.#note('bad-message', `batch ${decoded.fault}: ${decoded.detail}`)
      const range = header ? { from: header.from, to: header.to } : {}
      this.#refuse(epoch, { code: 'bad-batch', reason: decoded.fault, detail: decoded.detail, ...range })
      return null
    }
    if (decoded.header.lane !== 'facts') return null
    if (current?.epoch !== epoch) {
      this.#refuse(epoch, { code: 'unknown-epoch', pending: true })
      return null
    }
    const at = this.#context.clock.now()
    const records = decoded.records.map((record) => readRecord(record, at))
    return { depot: this.#depot, epoch, prevHash: decoded.header.prev_hash, records, at }
  }

  /** Commits and answers; returns a parked batch that may follow now. */
  async #commit(batch: IncomingBatch): Promise<IncomingBatch | undefined> {
    const { result, aside } = await commitRecords(this.#context, batch)
    switch (result.kind) {
      case 'gap':
        this.#note('parked', `batch from ${batch.records[0]?.seq} waits, head is ${result.head.seq}`)
        this.#parking.park(batch)
        return undefined
      case 'conflict':
        this.#note('conflict', `fact ${result.seq} is stored with another hash`)
        this.#refuse(batch.epoch, { code: 'conflict', seq: result.seq })
        return undefined
      case 'duplicate':
        this.#note('duplicate', `head is ${result.head.seq}`)
        break
      case 'committed': {
        const { depot, at } = batch
        this.#context.observe({ kind: 'committed', depot, added: result.added, seq: result.head.seq })
        for (const { seq, reason } of aside) this.#note('quarantined', `fact ${seq}: ${reason}`)
        this.#fleet.committed(depot, result.head, { at, quarantined: aside.length })
      }
    }
    this.#acknowledge({ epoch: batch.epoch, head: result.head }, { quarantined: [...aside] })
    return this.#parking.takeAfter(result.head.seq)
  }

  #giveUp(firstSeq: number): void {
    const current = this.#fleet.currentEpoch(this.#depot)
    if (!current || firstSeq <= current.head.seq + 1) return
    this.#note('gap', `facts ${current.head.seq + 1} to ${firstSeq - 1} did not come`)
    const want = [{ from: current.head.seq + 1, to: firstSeq - 1 }]
    this.#acknowledge(current, { want })
  }

  #acknowledge(
    at: { epoch: string; head: LaneHead },
    more: Partial<Pick<Ack, 'want' | 'quarantined'>>,
  ): void {
    const ack: Ack = {
      ...{ proto: 1, epoch: at.epoch, lane: 'facts', ...at.head, want: [], quarantined: [], ...more },
      limits: SEND_LIMITS,
      server_time: toIso(this.#context.clock.now()),
    }
    this.#send(this.#depot, 'ack', ack)
  }

  #refuse(epoch: string, error: SyncErrorBody): void {
    this.#send(this.#depot, 'ack', { proto: 1, epoch, lane: 'facts', error })
  }

  #note(
    kind: 'parked' | 'conflict' | 'duplicate' | 'quarantined' | 'gap' | 'bad-message',
    detail: string,
  ): void {
    this.#context.observe({ kind, depot: this.#depot, detail })
  }
}

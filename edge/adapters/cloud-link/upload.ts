import type { Ack, SyncErrorBody } from '@busbar/contracts/sync/ack.ts'
import { SYNC_LIMITS, SYNC_VERSION } from '@busbar/contracts/sync/version.ts'
import type { SendLimits } from '@busbar/contracts/sync/wire-types.ts'
import { type Clock, type Timer, wait } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { between, type Duration, type Monotonic, milliseconds, seconds, toIso } from '@busbar/units/time.ts'
import type { FactLog } from '../../domain/ports/fact-log.ts'
import { type BatchFrame, packBatch, readRecords } from './batch-reader.ts'
import type { LinkLog, Wire } from './wire.ts'

/** A number in the log with its chain value; an empty text where that is still to be looked up. */
interface Place {
  readonly seq: number
  readonly hash: string
}

export interface UploadOptions {
  readonly depot: string
  readonly epoch: string
  readonly bootId: string
  readonly factLog: FactLog
  readonly clock: Clock
  readonly log: LinkLog
  readonly wire: Wire
  readonly limits: SendLimits
  /** Where the cloud stands. */
  readonly from: Place
  /** Highest number in our log. */
  readonly head: number
  /** The cloud committed up to here. */
  readonly onAcked: (seq: number) => void
  /** An acknowledgement is overdue, with how long; or came again: null. */
  readonly onOverdue: (overdue: string | null) => void
  /** The lane may not go on. */
  readonly onStopped: (reason: string) => void
  /** The connection is dead although it looks open. */
  readonly onDead: (reason: string) => void
}

/** A batch is closed this long after its first fact, unless it is full before. */
const GATHER = milliseconds(250)
const ACK_TIMEOUT = seconds(10)
const ACK_TIMEOUT_MOST = seconds(60)
const SILENCE = seconds(30)
const RETRY = seconds(1)
/** Records of a batch that is not made smaller for lack of an acknowledgement alone. */
const SMALL_BATCH = 16

/**
 * Sends the fact log from where the cloud stands, some batches ahead of the acknowledgements. The log is the outbox:
 * every batch is read back from it, and only the cloud's own acknowledgement moves the cursor.
 */
export class Upload {
  readonly #o: UploadOptions
  readonly #frame: BatchFrame
  readonly #stop = new AbortController()
  readonly #stubs = new Set<number>()
  #limits: SendLimits
  #head: number
  #acked: Place
  #sent: Place
  #outstanding: { readonly to: number; readonly at: Monotonic; readonly again: boolean }[] = []
  /** Raised when what is under way no longer counts. */
  #generation = 0
  #batchNo = 0
  /** Highest number sent at all: below it everything is a repeat. */
  #high = 0
  #records: number = SYNC_LIMITS.records
  #smoothedMs: number | null = null
  #patience: Duration = ACK_TIMEOUT
  #ackTimer: Timer | undefined
  #gatherTimer: Timer | undefined
  #pumping = false
  #badBatches = 0
  #pauseUntil: Monotonic

  constructor(options: UploadOptions) {
    this.#o = options
    this.#frame = {
      proto: SYNC_VERSION,
      lane: 'facts',
      depot_id: options.depot,
      epoch: options.epoch,
      boot_id: options.bootId,
    }
    this.#limits = options.limits
    this.#head = options.head
    this.#acked = options.from
    this.#sent = options.from
    this.#pauseUntil = options.clock.monotonic()
  }

  start(): void {
    void this.#pump()
  }

  stop(): void {
    this.#stop.abort(new DepotError('cloud-link.stopped', 'the upload stopped'))
    this.#ackTimer?.cancel()
    this.#gatherTimer?.cancel()
  }

  committed(head: number): void {
    this.#head = head
    if (this.#stop.signal.aborted) return
    this.#gatherTimer ??= this.#o.clock.timer(GATHER, () => {
      this.#gatherTimer = undefined
      void this.#pump()
    })
  }

  /** @param ack of this epoch and lane */
  async acknowledged(ack: Ack): Promise<void> {
    if (ack.limits) this.#limits = ack.limits
    if (this.#stop.signal.aborted || ack.seq < this.#acked.seq) return
    const own = ack.seq === this.#acked.seq ? this.#acked.hash : await this.#o.factLog.hashAt(ack.seq)
    if (ack.seq > this.#head || (own !== null && own !== ack.hash))
      return this.#halt(`the cloud acknowledged fact ${ack.seq} as one this controller does not have`)
    const moved = ack.seq > this.#acked.seq
    if (moved) await this.#o.factLog.acknowledge(ack.seq)
    if (this.#stop.signal.aborted) return
    this.#advance(ack, moved)
    for (const { seq, code, reason } of ack.quarantined)
      this.#o.log.error({ 'event.name': 'cloud-link.quarantined', seq, code }, reason)
    const wanted = ack.want.map((range) => range.from)
    if (wanted.length > 0) this.#rewind(Math.min(...wanted) - 1)
    void this.#pump()
  }

  /** @param error of this epoch and lane */
  refused(error: SyncErrorBody): void {
    switch (error.code) {
      case 'gap':
        this.#rewind(error.expected - 1)
        break
      case 'bad-batch':
        this.#o.log.error(
          { 'event.name': 'cloud-link.bad-batch', from: error.from, to: error.to },
          error.detail,
        )
        this.#shrink(error.from !== undefined && error.from === error.to ? error.from : null)
        break
      case 'slow-down':
        this.#pauseUntil = (this.#o.clock.monotonic() + error.retry_after_ms) as Monotonic
        break
      case 'conflict':
        this.#halt(`the cloud holds fact ${error.seq} with another content`)
    }
    void this.#pump()
  }

  #advance(ack: Ack, moved: boolean): void {
    const { clock } = this.#o
    const done = this.#outstanding.filter((batch) => batch.to <= ack.seq)
    const timed = done.filter((batch) => !batch.again).at(-1)
    if (timed) {
      const took = between(timed.at, clock.monotonic())
      this.#smoothedMs = this.#smoothedMs === null ? took : this.#smoothedMs + (took - this.#smoothedMs) / 8
    }
    this.#acked = { seq: ack.seq, hash: ack.hash }
    this.#outstanding = this.#outstanding.filter((batch) => batch.to > ack.seq)
    if (this.#sent.seq < ack.seq) this.#sent = this.#acked
    if (!moved && this.#outstanding.length > 0) return
    this.#patience = this.#usualPatience()
    this.#badBatches = 0
    this.#records = Math.min(SYNC_LIMITS.records, this.#records * 2)
    this.#armAckTimer()
    this.#o.onOverdue(null)
    if (moved) this.#o.onAcked(ack.seq)
  }

  #usualPatience(): Duration {
    return milliseconds(Math.max(ACK_TIMEOUT, 3 * (this.#smoothedMs ?? 0)))
  }

  #armAckTimer(): void {
    this.#ackTimer?.cancel()
    this.#ackTimer =
      this.#outstanding.length > 0 ? this.#o.clock.timer(this.#patience, () => this.#overdue()) : undefined
  }

  #overdue(): void {
    const { clock, wire } = this.#o
    if (between(wire.lastReceived(), clock.monotonic()) >= SILENCE)
      this.#o.onDead('nothing received for 30 s')
    this.#o.onOverdue(`not acknowledged for ${Math.round(this.#patience / 1000)} s`)
    // Some brokers drop what is too large for them without a word: smaller batches may pass.
    if (this.#patience > this.#usualPatience())
      this.#records = Math.max(SMALL_BATCH, Math.floor(this.#records / 2))
    this.#patience = milliseconds(
      Math.min(this.#patience * 2, Math.max(ACK_TIMEOUT_MOST, this.#usualPatience())),
    )
    this.#rewind(this.#acked.seq)
    void this.#pump()
  }

  /** Goes back, so that what follows `seq` is sent again. */
  #rewind(seq: number): void {
    this.#generation++
    this.#outstanding = []
    this.#sent = seq === this.#acked.seq ? this.#acked : { seq: Math.max(seq, 0), hash: '' }
  }

  /** The cloud could not read a batch: once more as it was, then in halves, and a record that fails alone as a stub. */
  #shrink(lone: number | null): void {
    this.#badBatches++
    if (lone !== null && this.#badBatches > 1) this.#stubs.add(lone)
    else if (this.#badBatches > 1) this.#records = Math.max(1, Math.floor(this.#records / 2))
    this.#rewind(this.#acked.seq)
  }

  /** These go as stubs from now on; each is told once. */
  #mark(stubs: readonly number[]): void {
    for (const seq of stubs.filter((seq) => !this.#stubs.has(seq))) {
      this.#stubs.add(seq)
      this.#o.log.error(
        { 'event.name': 'cloud-link.too-large', seq },
        `fact ${seq} is too large for the cloud: its stub goes instead, the fact stays in this log`,
      )
    }
  }

  #halt(reason: string): void {
    this.stop()
    this.#o.onStopped(reason)
  }

  get #open(): boolean {
    return (
      !this.#stop.signal.aborted &&
      this.#outstanding.length < this.#limits.window &&
      this.#sent.seq < this.#head
    )
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#open) await this.#next()
    } catch (error) {
      // A closed connection ends the session by itself; all that was sent is sent again from the log.
      if (!this.#stop.signal.aborted)
        this.#o.log.warn({ 'event.name': 'cloud-link.upload' }, messageOf(error))
    } finally {
      this.#pumping = false
    }
  }

  async #next(): Promise<void> {
    const { clock, wire, log } = this.#o
    const paused = between(clock.monotonic(), this.#pauseUntil)
    if (paused > 0) await wait(clock, paused, this.#stop.signal)
    const bytes = await this.#sendOne().catch(async (error) => {
      if (this.#stop.signal.aborted) throw error
      log.error({ 'event.name': 'cloud-link.read' }, messageOf(error))
      await wait(clock, RETRY, this.#stop.signal)
      return 0
    })
    if (bytes === 0) return
    await wire.drained()
    const paceMs = (bytes / (this.#limits.max_bytes_per_s ?? Number.POSITIVE_INFINITY)) * 1000
    await wait(clock, milliseconds(Math.max(this.#limits.min_interval_ms, paceMs)), this.#stop.signal)
  }

  /** Sends the next batch; answers its size, 0 when what it read no longer counts. */
  async #sendOne(): Promise<number> {
    const { factLog, clock, wire } = this.#o
    const generation = this.#generation
    const { seq } = this.#sent
    const records = await readRecords(factLog, seq, this.#records)
    if (records[0] && records[0].seq !== seq + 1) {
      this.#halt(`the cloud wants fact ${seq + 1}, this controller holds them from ${records[0].seq} only`)
      return 0
    }
    const prev_hash = this.#sent.hash || ((await factLog.hashAt(seq)) ?? '')
    const again = seq < this.#high
    const details = {
      batch: `${this.#o.bootId}/${++this.#batchNo}`,
      head: this.#head,
      resend: again,
      prev_hash,
    }
    const sent_at = toIso(clock.now())
    const packed = await packBatch(
      records,
      { ...this.#frame, ...details, sent_at },
      {
        bytes: this.#limits.max_bytes,
        stubs: this.#stubs,
      },
    )
    if (!packed) throw new DepotError('cloud-link.log', `the log does not give fact ${seq + 1}`)
    if (generation !== this.#generation || this.#stop.signal.aborted) return 0
    this.#mark(packed.stubs)
    this.#sent = packed.last
    this.#high = Math.max(this.#high, packed.last.seq)
    this.#outstanding.push({ to: packed.last.seq, at: clock.monotonic(), again })
    if (this.#outstanding.length === 1) this.#armAckTimer()
    wire.publish('facts', packed.payload, { qos: 1, retain: false }).catch((error) => {
      if (!this.#stop.signal.aborted)
        this.#o.log.warn({ 'event.name': 'cloud-link.publish' }, messageOf(error))
    })
    return packed.payload.length
  }
}

import type { Epoch, MeterId, StationId, TransactionId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { Fact } from '../facts.ts'

/** A raw value kept for two weeks beside the facts; `values` is JSON with units in its names. */
export interface RawSample {
  readonly source:
    | { readonly meter: MeterId }
    | { readonly station: StationId; readonly evse: number; readonly transaction: TransactionId | null }
  readonly at: Instant
  readonly values: string
}

/** What is committed together, or not at all. */
export interface Batch {
  readonly facts: readonly Fact[]
  readonly samples: readonly RawSample[]
  /** When we recorded it. */
  readonly recordedAt: Instant
}

/** Where the log stands. `seq` 0 is the empty log. */
export interface LogHead {
  readonly epoch: Epoch
  readonly prevEpoch: Epoch | null
  readonly seq: number
  /** Chain value of `seq`: SHA-256, lower-case hex. */
  readonly hash: string
  /** Highest number the cloud has acknowledged. */
  readonly acked: number
  /** Lowest number still held. */
  readonly floor: number
}

/** One record as stored: `line` is its exact text, which the chain covers. */
export interface LogRecord {
  readonly seq: number
  readonly line: string
  readonly hash: string
}

/**
 * The append-only log of facts: gap-free numbers from 1 in one epoch, given inside the commit.
 *
 * `line` is `{"seq":N,"type":…,"sv":1,"occurred_at":"…Z","recorded_at":"…Z","clock":…,"entity":{…},"data":{…}}`;
 * chain: c(0) = SHA-256(epoch text), c(n) = SHA-256(c(n-1) as 32 bytes, then the bytes of line n).
 */
export interface FactLog {
  /** Resolves with the number of the batch's last fact (the head, if it has none) once all is on disk; rejects `store.failed`. */
  append(batch: Batch): Promise<number>
  /** Records after `after`, at most `limit`, in order. */
  read(after: number, limit: number): Promise<readonly LogRecord[]>
  head(): Promise<LogHead>
  /** Chain value at `seq`; null when it is not held. */
  hashAt(seq: number): Promise<string | null>
  /** Moves the cloud's cursor; never back. */
  acknowledge(seq: number): Promise<void>
  /** Calls `listener` with the new head after each commit; the answer undoes it. */
  onCommit(listener: (seq: number) => void): () => void
}

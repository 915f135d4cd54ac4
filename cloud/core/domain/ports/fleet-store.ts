import type { Duration, Instant } from '@busbar/units/time.ts'
import type { TransactionEvent, TransactionRow } from '../fleet/transactions.ts'

/** A depot's place in a lane: the highest number committed without a gap, and its chain value. */
export interface LaneHead {
  readonly seq: number
  readonly hash: string
}

/** One record on its way in. `event` is what the read models need of it; `quarantine` says why it is set aside. */
export interface IncomingRecord {
  readonly seq: number
  readonly type: string
  readonly occurredAt: Instant
  readonly recordedAt: Instant
  /** Exact text, which the chain covers. */
  readonly line: string
  readonly hash: string
  readonly event: TransactionEvent | null
  readonly quarantine: { readonly code: string; readonly reason: string } | null
}

/** Records of one depot and epoch with consecutive numbers; `prevHash` is the chain value before the first. */
export interface IncomingBatch {
  readonly depot: string
  readonly epoch: string
  readonly prevHash: string
  readonly records: readonly IncomingRecord[]
  readonly at: Instant
}

/**
 * `gap`: the first record is not the next one. `conflict`: a number that is stored comes with another hash. After
 * either nothing has changed.
 */
export type CommitResult =
  | { readonly kind: 'committed'; readonly head: LaneHead; readonly added: number }
  | { readonly kind: 'duplicate' | 'gap'; readonly head: LaneHead }
  | { readonly kind: 'conflict'; readonly head: LaneHead; readonly seq: number }

/** What a hello says about the epoch it writes in. */
export interface EpochClaim {
  readonly depot: string
  readonly epoch: string
  readonly prevEpoch: string | null
  readonly cause: string
  /** Chain value of the empty log of this epoch. */
  readonly start: string
  readonly at: Instant
}
export interface EpochVerdict {
  readonly state: 'current' | 'fenced' | 'unknown'
  /** Number of the depot's current epoch; 0 when it has none. */
  readonly epochNo: number
  readonly head: LaneHead
}

/** A depot's last picture and signs of life, as they must survive a restart. Texts are JSON. */
export interface StoredDepot {
  readonly id: string
  readonly epoch: string | null
  readonly head: LaneHead | null
  readonly lastCommittedAt: Instant | null
  readonly quarantined: number
  readonly snapshot: string | null
  readonly presence: string | null
  readonly lastHeardAt: Instant | null
}

/** One minute of a depot's import, W; null where the depot did not know it. */
export interface PowerPoint {
  readonly at: Instant
  readonly importW: number | null
}

export interface StoredFactRow {
  readonly seq: number
  readonly type: string
  readonly occurredAt: Instant
  readonly recordedAt: Instant
  readonly hash: string
  /** Null for a record in quarantine. */
  readonly line: string | null
}

/** What the fleet view adds up from committed facts. */
export interface EnergyTotals {
  readonly energyWh: number
  readonly running: number
  readonly startedSince: number
}

/**
 * Everything the cloud keeps. Methods reject with a DepotError: `store.unavailable` when the database cannot be had
 * just now (try again), `store.record-refused` when it refuses the records themselves.
 */
export interface FleetStore {
  /** Makes the configured depots known; others keep their history. */
  registerDepots(depots: readonly { readonly id: string; readonly name: string }[]): Promise<void>
  /** First epoch: current. One that follows the current epoch: current, the old one fenced. Any other: unknown. */
  claimEpoch(claim: EpochClaim): Promise<EpochVerdict>
  /** Commits in one transaction what is new of the batch, whatever order and however often batches come. */
  commit(batch: IncomingBatch): Promise<CommitResult>
  /** Last state of every registered depot. */
  load(): Promise<readonly StoredDepot[]>
  saveHeard(depot: string, at: Instant): Promise<void>
  savePresence(depot: string, presence: string): Promise<void>
  /** Replaces the last picture and the power of its minute; drops minutes older than `keep`. */
  saveSnapshot(depot: string, snapshot: string, power: PowerPoint, keep: Duration): Promise<void>
  powerSince(depot: string, since: Instant): Promise<readonly PowerPoint[]>
  totals(depot: string, since: Instant): Promise<EnergyTotals>
  /** Newest start first. */
  transactions(depot: string, limit: number): Promise<readonly TransactionRow[]>
  /** Facts of an epoch after a number, in order. */
  facts(
    depot: string,
    epoch: string,
    page: { after: number; limit: number },
  ): Promise<readonly StoredFactRow[]>
  /** Resolves when the database answers. */
  ping(): Promise<void>
}

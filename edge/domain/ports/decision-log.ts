import type { EvseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** What was said of an EVSE, from `at` until something else was. */
export interface KeptReason {
  readonly at: Instant
  readonly evse: EvseKey
  readonly code: string
  /** Id of the row it named; null when it named none. */
  readonly row: string | null
  readonly sentence: string
}

/** A decision that changed something. */
export interface KeptDecision {
  readonly at: Instant
  /** Limits it sent. */
  readonly moves: number
  /** The whole of it, to be made again. @see load-balancing/record-text.ts */
  readonly record: string
}

/** What a decision left to be kept; the decision is null when it changed no limit. */
export interface DecisionEntry {
  readonly decision: KeptDecision | null
  readonly reasons: readonly KeptReason[]
}

/** What the log holds and what it could not keep. */
export interface DecisionLogUse {
  readonly decisions: number
  readonly bytes: number
  /** What `bytes` is kept below. */
  readonly capBytes: number
  readonly from: Instant | null
  /** Let go since the start because the disk was behind. */
  readonly dropped: number
}

/**
 * Decisions of two weeks and sentences of a day, for people who ask why. Nothing waits for it, and nothing relies on it:
 * entries may be missing when the disk is behind, and are then counted.
 */
export interface DecisionLog {
  /** Never waits and never throws. */
  add(entry: DecisionEntry): void
  /** Newest first, from `from` up to before `to`. @throws DepotError `store.failed` */
  decisions(window: {
    readonly from: Instant
    readonly to: Instant
    readonly limit: number
  }): Promise<readonly (Omit<KeptDecision, 'record'> & { readonly id: number })[]>
  /** The record with this number; null when there is none. @throws DepotError `store.failed` */
  record(id: number): Promise<string | null>
  /**
   * Of one EVSE, newest first, with the one that held when the window began. @throws DepotError `store.failed`
   */
  reasons(query: {
    readonly evse: EvseKey
    readonly from: Instant
    readonly to: Instant
    readonly limit: number
  }): Promise<readonly KeptReason[]>
  /** @throws DepotError `store.failed` */
  use(): Promise<DecisionLogUse>
}

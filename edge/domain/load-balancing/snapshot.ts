import type { EvseKey } from '@busbar/model/ids.ts'
import { type Coefficient, expectedAt, type Level, loadAt, type Row } from './rows.ts'

/** A row with what is left of it for EVSEs. */
export interface SnapshotRow extends Row {
  /** Load that is not EVSEs, mA or W. */
  readonly base: number
  /** limit − base; negative when the base alone overloads it. */
  readonly capacity: number
  /** False while the meter that covers it is not live: nothing on it may rise. */
  readonly mayRise: boolean
  /** False while that meter has just gone silent: nothing new starts until it is back or its worst case is counted. */
  readonly mayStart: boolean
}

/** One EVSE as the balancer sees it; levels in mA or W. */
export interface SnapshotEvse {
  readonly key: EvseKey
  readonly loads: readonly Coefficient[]
  /** We can send it limits now: in contact, in a transaction, past its start-up. */
  readonly steerable: boolean
  /** The most it may draw already. */
  readonly hold: Level
  /** What to keep free for it while it cannot be steered; at least `hold`. */
  readonly expected: Level
  /** What it may always draw by its default; giving less frees nothing until its default is lowered. */
  readonly fallback: Level
  /**
   * What it is to be counted at whatever its share, for it was seen to draw this, a lower limit has not taken effect in
   * time, or what it does is in doubt; 0 when it follows.
   */
  readonly stuck: Level
  /** Newest limit sent; null when the transaction has none yet. */
  readonly current: Level | null
  /** The most that raises nothing, where the newest limit was a raise that may never have arrived; else absent. */
  readonly sure?: Level
  /** Lowest level above 0 that it can use. */
  readonly min: Level
  /** Most that it asks for and may get. */
  readonly max: Level
  readonly step: Level
  /** W (power) per unit of level, for sharing between unlike EVSEs. */
  readonly wattsPerLevel: number
  /** Share of the surplus, above 0. */
  readonly weight: number
  /** Order where order decides: smaller first. */
  readonly rank: number
  /** Its last change was so recent that it does not rise yet. */
  readonly resting: boolean
  /** 1 comes first: its guarantee is met before that of tier 2. Absent is 1. */
  readonly tier?: number
  /** The level that a solver proposes, for the most weighted power; absent where no proposal stands. */
  readonly proposed?: Level
  /** The level that the plan promises it, before anyone gets more; absent is none. */
  readonly guarantee?: Level
  /** The only levels above 0 that it knows, rising; absent when any step will do. */
  readonly levels?: readonly Level[]
  /** How long it has been served, or has waited; absent where turns are not kept. */
  readonly turn?: Turn
  /** Its target cannot be met beside those of others: it gets what they leave. False when it never gives way. */
  readonly deferred?: boolean
}

/** `stopped`: it was served before in this transaction, and is not to start again at once. */
export type Turn =
  | { readonly kind: 'served'; readonly forS: number }
  | { readonly kind: 'waits'; readonly forS: number; readonly stopped: boolean }

/** The frozen view that one decision is made from. */
export interface SiteSnapshot {
  readonly rows: readonly SnapshotRow[]
  readonly evses: readonly SnapshotEvse[]
  /** False until the start-up sequence has passed: nothing rises. */
  readonly mayRise: boolean
}

/**
 * What an EVSE counts on a row while it may draw up to `most` and is expected to draw `likely`. A protect row counts all
 * it may do, a contract row what it is expected to do; relief only of one that we steer.
 */
export function countedOn(
  row: Pick<SnapshotRow, 'duty'> | undefined,
  c: Coefficient,
  of: { evse: Pick<SnapshotEvse, 'steerable'>; most: Level; likely: Level },
): number {
  if (row?.duty !== 'contract') return loadAt(c, of.most)
  return of.evse.steerable ? expectedAt(c, of.likely) : loadAt(c, of.likely)
}

/** What an EVSE is expected to draw before anything changes. */
export const likelyLevel = (evse: SnapshotEvse): Level =>
  evse.steerable ? Math.max(evse.current ?? evse.fallback, evse.stuck) : evse.expected

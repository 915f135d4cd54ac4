import type { Instant } from '@busbar/units/time.ts'

/** The depot's link to the fleet cloud. `live` only while the cloud itself acknowledges; a broker's word is not enough. */
export interface CloudLinkState {
  readonly state: 'none' | 'connecting' | 'live' | 'unacknowledged' | 'refused' | 'offline'
  /** Since when this state holds. */
  readonly since: Instant
  /** Highest fact number the cloud has committed. */
  readonly acked: number
  /** Facts not yet acknowledged, and when the oldest of them happened. */
  readonly unsent: number
  readonly oldestUnsentAt: Instant | null
  readonly reason: string | null
}

/** Nothing in the depot waits for this port. */
export interface CloudLink {
  start(): Promise<void>
  /** Says goodbye (`online:false`, reason `shutdown`) when it can. */
  stop(): Promise<void>
  state(): CloudLinkState
  /** Replaces the retained live snapshot; `urgent` skips the usual spacing. Dropped while offline, sent again on connect. */
  publishState(snapshot: object, urgent: boolean): void
}

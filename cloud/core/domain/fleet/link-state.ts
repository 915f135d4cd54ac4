import { between, type Instant, instant, type Monotonic } from '@busbar/units/time.ts'

/** When a depot was last heard. `mono` is null when that was before this process started. */
export interface LastHeard {
  readonly at: Instant
  readonly mono: Monotonic | null
  /** Start of the unbroken run of heartbeats. */
  readonly liveSince: Instant
}

export interface LinkState {
  readonly state: 'live' | 'delayed' | 'offline' | 'never'
  readonly since: Instant | null
  readonly lastHeardAt: Instant | null
}

/** Silence after which a depot counts as delayed, and as offline. */
export const DELAYED_MS = 90_000
export const OFFLINE_MS = 300_000

/** Link state by the age of the last heartbeat; after a start of ours everyone is offline until heard. */
export function linkState(heard: LastHeard | null, now: Monotonic, processStart: Instant): LinkState {
  if (!heard) return { state: 'never', since: null, lastHeardAt: null }
  if (heard.mono === null)
    return {
      state: 'offline',
      since: instant(Math.min(heard.at + OFFLINE_MS, processStart)),
      lastHeardAt: heard.at,
    }
  const silence = between(heard.mono, now)
  if (silence > OFFLINE_MS)
    return { state: 'offline', since: instant(heard.at + OFFLINE_MS), lastHeardAt: heard.at }
  if (silence > DELAYED_MS)
    return { state: 'delayed', since: instant(heard.at + DELAYED_MS), lastHeardAt: heard.at }
  return { state: 'live', since: heard.liveSince, lastHeardAt: heard.at }
}

/** The record after a heartbeat at `now`. */
export function heardNow(before: LastHeard | null, now: { at: Instant; mono: Monotonic }): LastHeard {
  const unbroken = before?.mono != null && between(before.mono, now.mono) <= DELAYED_MS
  return { ...now, liveSince: unbroken ? before.liveSince : now.at }
}

import type { StationId } from '@busbar/model/ids.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { CommandPriority, RawCommand, StationAnswer, StationCommand } from '../commands.ts'
import type { ChargingLimit } from '../limit.ts'

export interface SendOptions {
  readonly priority: CommandPriority
  /** How long the answer is waited for once the request has left. */
  readonly deadline: Duration
}

/**
 * Limits and requests to stations.
 *
 * `send` writes the request before it returns whenever the station's line is free; otherwise it waits its turn by
 * priority. A newer limit for the same EVSE and purpose replaces one still waiting, which then settles `not-sent`
 * `superseded`. It never rejects: no answer is `unanswered`, and then the command may be in force.
 */
export interface StationCommands {
  send(station: StationId, command: StationCommand, options: SendOptions): Promise<StationAnswer>
}

/** What a raw request can do to the limits of its station. EVSE 0 is every one. */
export type RequestEffect =
  /** It does not fit its schema, or the version has no such request. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody is there to ask, so not even its version is known. */
  | { readonly kind: 'offline' }
  | { readonly kind: 'none' }
  /** Asks for a transaction; with a profile, at this limit. */
  | {
      readonly kind: 'start'
      readonly evse: number
      readonly limit: ChargingLimit | null
      readonly profile: number | null
    }
  /** Leaves a profile that allows at most this; null: up to the rating. */
  | {
      readonly kind: 'limit'
      readonly evse: number
      readonly limit: ChargingLimit | null
      readonly profile: number
    }
  /** May take away the default, so that the rating is all that bounds it. */
  | { readonly kind: 'clear'; readonly evse: number }
  /** Anything may come of it; `reboots`: once the station has restarted. */
  | { readonly kind: 'may-raise'; readonly reboots: boolean }

/** Reads requests before they leave. */
export interface RequestEffects {
  effectOf(station: StationId, request: Pick<RawCommand, 'action' | 'payload'>): RequestEffect
  /** Why a limit of the depot would be refused here, every time, with no byte sent; null when it would leave. */
  refusalOf(station: StationId, command: StationCommand): string | null
}

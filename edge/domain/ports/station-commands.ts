import type { StationId } from '@busbar/model/ids.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { CommandPriority, StationAnswer, StationCommand } from '../commands.ts'

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

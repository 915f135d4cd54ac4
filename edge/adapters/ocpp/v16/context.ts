import type { Clock } from '@busbar/model/clock.ts'
import type { Submit } from '../../../domain/inputs.ts'
import type { StationProfiles } from '../../../profiles/station-profiles.ts'
import type { Logger } from '../logger.ts'

/** What the handlers of OCPP 1.6 need. */
export interface V16Context {
  readonly submit: Submit
  readonly profiles: StationProfiles
  readonly clock: Clock
  readonly log: Logger
}

import type { StationId } from '@busbar/model/ids.ts'
import type { StationDefinition } from './site/station-definition.ts'

/** What can have happened to the stations that a depot has beside those of its configuration. */
export interface RosterFacts {
  StationAdded: StationDefinition & {
    station: StationId
    security_profile: 1 | 2
    /** Of the secret that it was given, in hex; the secret itself is kept nowhere. */
    secret_sha256: string
    by: string
  }
  /** Its place or its EVSEs are others; its secret stays. */
  StationChanged: StationDefinition & { station: StationId; by: string }
  /** It is let in no more, and counts on until nothing it was allowed can be in force. */
  StationLeaving: { station: StationId; by: string }
  /** It counts no more. `in-file`: the configuration has one of that name, which counts instead. */
  StationRemoved: { station: StationId; cause: 'left' | 'in-file' }
}

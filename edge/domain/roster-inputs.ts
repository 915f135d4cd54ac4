import type { StationId } from '@busbar/model/ids.ts'
import type { Actor } from './inputs.ts'
import type { StationDefinition } from './site/station-definition.ts'

/** Inputs of those who add stations beside the configuration, and take them away. */
export interface RosterInputs {
  'station-added': { station: StationId; definition: StationDefinition; securityProfile: 1 | 2; by: Actor }
  'station-changed': { station: StationId; definition: StationDefinition; by: Actor }
  'station-removed': { station: StationId; by: Actor }
}

/** `conflict`: as things stand now; `unfit`: it does not fit the site; `unknown`: nobody added such a station. */
export type RosterRefusal = {
  readonly status: 'conflict' | 'unfit' | 'unknown'
  readonly reason: string
}

export interface RosterOutcomes {
  /** The secret is told here once and nowhere else. */
  'station-added': { readonly status: 'accepted'; readonly secret: string } | RosterRefusal
  'station-changed': { readonly status: 'accepted' } | RosterRefusal
  'station-removed': { readonly status: 'accepted' } | RosterRefusal
}

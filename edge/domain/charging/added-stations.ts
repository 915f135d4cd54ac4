import type { StationId } from '@busbar/model/ids.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'
import type { StationDefinition } from '../site/station-definition.ts'

/** A station that somebody added beside the configuration. */
export interface AddedStation extends StationDefinition {
  readonly station: StationId
  readonly securityProfile: 1 | 2
  readonly secretSha256: string
  /** It is let in no more. */
  readonly leaving: boolean
}

export const addedStations: ProjectionDefinition<AddedStation> = {
  name: 'added-station',
  keys: ({ fact }) =>
    fact.type === 'StationAdded' ||
    fact.type === 'StationChanged' ||
    fact.type === 'StationLeaving' ||
    fact.type === 'StationRemoved'
      ? [fact.data.station]
      : [],
  next: (row, { fact }) => {
    switch (fact.type) {
      case 'StationAdded': {
        const { station, name, circuit, evses } = fact.data
        const { security_profile: securityProfile, secret_sha256: secretSha256 } = fact.data
        return { station, name, circuit, evses, securityProfile, secretSha256, leaving: false }
      }
      case 'StationChanged': {
        const { name, circuit, evses } = fact.data
        return row && { ...row, name, circuit, evses }
      }
      case 'StationLeaving':
        return row && { ...row, leaving: true }
      case 'StationRemoved':
        return undefined
      default:
        return row
    }
  },
}

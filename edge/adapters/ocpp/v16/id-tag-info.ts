import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { AuthorizationStatus } from '../../../domain/facts.ts'
import { toStationTime } from '../station-time.ts'

type IdTagInfo = Answers['Authorize']['idTagInfo']

/** Longest token of OCPP 1.6; a longer group cannot be told. */
const LONGEST = 20

/** OCPP 1.6 has no word for an unknown token. */
export const idTagInfo = ({
  status,
  group = null,
  expiresAt = null,
}: {
  readonly status: AuthorizationStatus
  readonly group?: string | null
  readonly expiresAt?: Instant | null
}): IdTagInfo => ({
  status: status === 'Unknown' ? 'Invalid' : status,
  ...(group === null || group.length > LONGEST ? {} : { parentIdTag: group }),
  ...(expiresAt === null ? {} : { expiryDate: toStationTime(expiresAt) }),
})

import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { AuthorizationStatus } from '../../../domain/facts.ts'

type IdTagInfo = Answers['Authorize']['idTagInfo']

/** OCPP 1.6 has no word for an unknown token. */
export const idTagInfo = (status: AuthorizationStatus): IdTagInfo => ({
  status: status === 'Unknown' ? 'Invalid' : status,
})

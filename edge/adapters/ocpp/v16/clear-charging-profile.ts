import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

/** Clears by purpose, so that what another system has left there goes as well. `Unknown`: nothing matched. */
export const clearLimits = ({ evse, purpose }: Extract<StationCommand, { kind: 'clear-limits' }>): Request =>
  request(
    'ClearChargingProfile',
    {
      connectorId: connectorIdOf(evse),
      chargingProfilePurpose: purpose === 'default' ? 'TxDefaultProfile' : 'TxProfile',
    },
    statusAnswer('Accepted'),
  )

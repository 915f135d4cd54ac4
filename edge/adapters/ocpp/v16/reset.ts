import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { type Request, request } from './request.ts'

export const reset = ({ mode, evse }: Extract<StationCommand, { kind: 'reset' }>): Request =>
  evse
    ? { refused: 'OCPP 1.6 resets whole stations only' }
    : request('Reset', { type: mode === 'Immediate' ? 'Hard' : 'Soft' }, statusAnswer('Accepted'))

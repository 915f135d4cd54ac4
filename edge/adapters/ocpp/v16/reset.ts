import type { StationCommand } from '../../../domain/commands.ts'
import { type Request, request, statusAnswer } from './request.ts'

export const reset = ({ mode }: Extract<StationCommand, { kind: 'reset' }>): Request =>
  request('Reset', { type: mode === 'Immediate' ? 'Hard' : 'Soft' }, statusAnswer('Accepted'))

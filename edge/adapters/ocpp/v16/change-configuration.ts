import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { type Request, request } from './request.ts'

/** `RebootRequired` is an acceptance: the value holds from the next boot. */
export const setVariable = ({ name, value }: Extract<StationCommand, { kind: 'set-variable' }>): Request =>
  request('ChangeConfiguration', { key: name, value }, statusAnswer('Accepted', 'RebootRequired'))

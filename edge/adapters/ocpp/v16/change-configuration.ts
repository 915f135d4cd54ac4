import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { type Request, request } from './request.ts'

/** In OCPP 1.6 the key travels as hex; its bytes are what HTTP Basic carries. @see security whitepaper for 1.6, A01 */
export const changePassword = ({ password }: Extract<StationCommand, { kind: 'change-password' }>): Request =>
  request(
    'ChangeConfiguration',
    { key: 'AuthorizationKey', value: Buffer.from(password).toString('hex') },
    statusAnswer('Accepted', 'RebootRequired'),
  )

/** `RebootRequired` is an acceptance: the value holds from the next boot. */
export const setVariable = ({ name, value }: Extract<StationCommand, { kind: 'set-variable' }>): Request =>
  request('ChangeConfiguration', { key: name, value }, statusAnswer('Accepted', 'RebootRequired'))

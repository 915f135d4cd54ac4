import type { Instant } from '@busbar/units/time.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import type { OcppVersion } from '../rpc/route.ts'
import { setAvailability } from './change-availability.ts'
import { setVariable } from './change-configuration.ts'
import { clearLimits } from './clear-charging-profile.ts'
import type { V16Context } from './context.ts'
import { getComposite } from './get-composite-schedule.ts'
import { getVariables } from './get-configuration.ts'
import { requestStart } from './remote-start-transaction.ts'
import { requestStop } from './remote-stop-transaction.ts'
import type { Request } from './request.ts'
import { reset } from './reset.ts'
import { routes } from './routes.ts'
import { setDefaultLimit, setTransactionLimit } from './set-charging-profile.ts'
import { trigger } from './trigger-message.ts'

/** OCPP 1.6 over JSON. */
export const ocpp16 = (context: V16Context): OcppVersion => ({
  subprotocol: 'ocpp1.6',
  routes: routes(context),
  encode,
})

/** A command in the words of OCPP 1.6. */
export function encode(command: StationCommand, now: Instant): Request {
  switch (command.kind) {
    case 'set-default-limit':
      return setDefaultLimit(command, now)
    case 'set-transaction-limit':
      return setTransactionLimit(command, now)
    case 'clear-limits':
      return clearLimits(command)
    case 'request-start':
      return requestStart(command)
    case 'request-stop':
      return requestStop(command)
    case 'reset':
      return reset(command)
    case 'set-availability':
      return setAvailability(command)
    case 'trigger':
      return trigger(command)
    case 'get-composite-limit':
      return getComposite(command)
    case 'get-variables':
      return getVariables(command)
    case 'set-variable':
      return setVariable(command)
  }
}

import type { WireError } from './library-peer.ts'
import type { Lack } from './route.ts'

/** The error to an action that no handler takes. @see OCPP-J 1.6 table 7, OCPP-J 2.0.1 4.3 */
export const unheard = (known: boolean): WireError =>
  known
    ? { code: 'NotSupported', text: 'This action is not taken here' }
    : { code: 'NotImplemented', text: 'This action is not known here' }

/** The error to a question that cannot be read; the errata of OCPP-J 1.6 spell its words as 2.0.1 does. */
export const lacking = (lack: Lack): WireError => ({
  code: lack,
  text: lack === 'TypeConstraintViolation' ? 'A member is of another type' : 'A member is missing',
})

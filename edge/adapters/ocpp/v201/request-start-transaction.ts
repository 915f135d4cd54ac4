import { type CommandOf, detailedAnswer } from '../status-answer.ts'
import { toToken } from './id-token-info.ts'
import { numberFor, type Request, request, type Speech } from './request.ts'
import { startLimit } from './set-charging-profile.ts'

/** The EVSE is always given: without it stations start anywhere or not at all. @see OCPP 2.0.1 F01, F02 */
export const requestStart = (
  { evse, idToken, limit }: CommandOf<'request-start'>,
  speech: Speech,
): Request => {
  if (evse === 0) return { refused: 'a start needs an EVSE' }
  const remoteStart = numberFor(speech)
  return request(
    speech,
    'RequestStartTransaction',
    {
      evseId: evse,
      idToken: toToken(idToken),
      remoteStartId: remoteStart,
      ...(limit === undefined ? {} : { chargingProfile: startLimit(evse, limit, speech.now) }),
    },
    detailedAnswer(['Accepted'], () => ({ remoteStart })),
  )
}

import { as, type IdToken } from '@busbar/model/ids.ts'
import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V201Context } from './context.ts'
import { idTokenInfo, tokenIn } from './id-token-info.ts'

/**
 * Waits for the decision, which may first have to make room in the circuit. Contract certificates cannot be checked
 * without a service for them, and a contract that nobody has checked is not accepted. @see OCPP 2.0.1 C07
 */
export const authorize =
  ({ submit, log }: V201Context) =>
  async ({ station, payload }: StationCall): Promise<Reply> => {
    if (payload.certificate !== undefined || payload.iso15118CertificateHashData !== undefined) {
      log.warn({ station }, 'a contract certificate was not accepted: there is no service to check it with')
      const refusal: Answers['Authorize'] = {
        idTokenInfo: { status: 'Invalid' },
        certificateStatus: 'NoCertificateAvailable',
      }
      return { answer: refusal }
    }
    const idToken = tokenIn(payload.idToken) ?? as<IdToken>('')
    const { outcome, durable } = submit({ type: 'authorize', station, idToken })
    // Handled here too: the commit may fail while the decision is still awaited.
    durable.catch(() => undefined)
    const answer: Answers['Authorize'] = { idTokenInfo: idTokenInfo(await outcome) }
    return { answer, durable }
  }

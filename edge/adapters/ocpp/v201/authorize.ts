import { as, type IdToken } from '@busbar/model/ids.ts'
import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V201Context } from './context.ts'
import { contractStatusOf } from './contract-certificates.ts'
import { idTokenInfo, tokenIn } from './id-token-info.ts'

/**
 * Waits for the decision, which may first have to make room in the circuit. A contract that nobody has checked, or that
 * does not hold, is not accepted; one that holds is a token like any other. @see OCPP 2.0.1 C07
 */
export const authorize =
  (context: Pick<V201Context, 'submit' | 'log' | 'contracts'>) =>
  async (call: StationCall): Promise<Reply> => {
    const idToken = tokenIn(call.payload.idToken) ?? as<IdToken>('')
    const contract = await contractStatusOf(context, call, idToken)
    if (contract !== null && contract !== 'Accepted') {
      const refusal: Answers['Authorize'] = {
        idTokenInfo: { status: 'Invalid' },
        certificateStatus: contract,
      }
      return { answer: refusal }
    }
    const { outcome, durable } = context.submit({ type: 'authorize', station: call.station, idToken })
    // Handled here too: the commit may fail while the decision is still awaited.
    durable.catch(() => undefined)
    const answer: Answers['Authorize'] = {
      idTokenInfo: idTokenInfo(await outcome),
      ...(contract === null ? {} : { certificateStatus: contract }),
    }
    return { answer, durable }
  }

import type { AnswerDetails, StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import type { Dialect } from './dialect.ts'
import { INBOUND, INBOUND_21 } from './inbound-actions.ts'
import type { Request, Speech } from './request.ts'
import { announcedBy, readResults, setResults } from './told-variables.ts'

/** Every message that a CSMS may send; DataTransfer goes both ways. */
export const outboundOf = ({ actions }: Dialect): readonly string[] =>
  actions.filter((action) => action === 'DataTransfer' || !(INBOUND.has(action) || INBOUND_21.has(action)))

/** An engineer's own request: it leaves only when its schema allows it, and its answer comes back as it is. */
export function raw({ action, payload }: CommandOf<'raw'>, { dialect }: Speech): Request {
  if (!outboundOf(dialect).includes(action))
    return { refused: `${action}: no message that a CSMS sends in ${dialect.subprotocol}` }
  const refused = dialect.faultOf(action, payload)
  return refused === null ? { action, payload, readAnswer: readAnswer(action, payload) } : { refused }
}

/** An answer that refuses counts as one; any other is taken as it stands. */
const readAnswer =
  (action: string, payload: Payload) =>
  (response: Payload): StationAnswer => {
    const status = statusAnswer()(response)
    return status.status === 'rejected'
      ? { ...status, response }
      : { status: 'accepted', response, ...detailsOf(action, payload, response) }
  }

/** What it tells of variables, whoever asked. */
function detailsOf(action: string, payload: Payload, response: Payload): AnswerDetails {
  if (action === 'GetVariables') return { told: { source: 'read', variables: readResults(response) } }
  if (action === 'SetVariables')
    return { told: { source: 'set', variables: setResults(payload.setVariableData, response) } }
  const report = announcedBy(action, payload)
  return report === null ? {} : { report }
}

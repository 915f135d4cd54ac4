import type { Frame } from './frame.ts'

type Refusable = Extract<Frame, { kind: 'bad' | 'other' }>

/** The id of an error to a message whose own id cannot be read. @see OCPP-J 2.0.1 4.2.3 */
const NO_ID = '"-1"'

/** The frame as its version has it: messages without an answer, and errors to answers, came with OCPP 2.1. */
export function spokenIn(subprotocol: string, frame: Frame): Frame {
  if (subprotocol === 'ocpp2.1') return frame
  if (frame.kind === 'send') return { kind: 'other', type: 6, idToken: frame.call.idToken }
  if (frame.kind === 'result-error') return { kind: 'other', type: 5, idToken: frame.idToken }
  return frame
}

/**
 * The CALLERROR to a message that is no call, in the words of its version; null where nothing is said. OCPP 1.6 passes
 * over what it cannot match to a call; 2.0.1 has an error for each. @see OCPP-J 1.6 4.2, OCPP-J 2.0.1 4.2.3, 4.3, 4.4
 */
export function refusalOf(frame: Refusable, subprotocol: string): string | null {
  const code = subprotocol === 'ocpp1.6' ? codeIn16(frame) : codeIn2(frame)
  if (code === null) return null
  return `[4,${frame.idToken ?? NO_ID},"${code}","The message cannot be read",{}]`
}

const codeIn16 = (frame: Refusable): string | null =>
  frame.kind === 'bad' && frame.idToken !== null ? 'FormationViolation' : null

function codeIn2(frame: Refusable): string {
  if (frame.kind === 'other') return 'MessageTypeNotSupported'
  return frame.idToken !== null && frame.reason === 'not JSON' ? 'FormatViolation' : 'RpcFrameworkError'
}

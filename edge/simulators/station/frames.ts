import { z } from 'zod'

/** One OCPP-J message. */
export type Frame =
  | { readonly kind: 'call'; readonly id: string; readonly action: string; readonly payload: unknown }
  | { readonly kind: 'result'; readonly id: string; readonly payload: unknown }
  | { readonly kind: 'error'; readonly id: string; readonly code: string; readonly description: string }

const Call = z.tuple([z.literal(2), z.string(), z.string(), z.unknown()])
const CallResult = z.tuple([z.literal(3), z.string(), z.unknown()])
const CallError = z.tuple([z.literal(4), z.string(), z.string(), z.string()]).rest(z.unknown())

/** The message in a text frame, or null when it is none. @see OCPP-J 1.6 section 4.2 */
export function readFrame(text: string): Frame | null {
  const content = parse(text)
  const call = Call.safeParse(content)
  if (call.success) return { kind: 'call', id: call.data[1], action: call.data[2], payload: call.data[3] }
  const result = CallResult.safeParse(content)
  if (result.success) return { kind: 'result', id: result.data[1], payload: result.data[2] }
  const error = CallError.safeParse(content)
  if (error.success)
    return { kind: 'error', id: error.data[1], code: error.data[2], description: error.data[3] }
  return null
}

export function writeFrame(frame: Frame): string {
  if (frame.kind === 'call') return JSON.stringify([2, frame.id, frame.action, frame.payload])
  if (frame.kind === 'result') return JSON.stringify([3, frame.id, frame.payload])
  return JSON.stringify([4, frame.id, frame.code, frame.description, {}])
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

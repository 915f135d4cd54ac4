import { DepotError } from '@busbar/model/depot-error.ts'

/** The members of an OCPP payload before anything is known of their types. */
export type Payload = Readonly<Record<string, unknown>>

/** A request of the station, its payload already an object. */
export interface CallFrame {
  readonly kind: 'call'
  /** Opaque text of any shape; may repeat. */
  readonly id: string
  /** The id as it stood in the frame, a number with some stations. */
  readonly idToken: string
  readonly action: string
  readonly payload: Payload
  /** The message as it came. */
  readonly text: string
}

export type Frame =
  | CallFrame
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'empty' }
  /** Of no type that there is. */
  | { readonly kind: 'other'; readonly type: number; readonly idToken: string | null }
  /** OCPP 2.1: told without an answer, and an error in answer to an answer of ours. */
  | { readonly kind: 'send'; readonly call: CallFrame }
  | { readonly kind: 'result-error'; readonly text: string; readonly idToken: string | null }
  /** Unreadable; id and action as far as they can be made out. */
  | {
      readonly kind: 'bad'
      readonly reason: string
      readonly idToken: string | null
      readonly action: string | null
    }

const CALL = 2
const CALL_RESULT_ERROR = 5
const SEND = 6
const HEAD = /^\[\s*2\s*,\s*("(?:[^"\\\p{Cc}]|\\["\\/bfnrt])*"|-?\d+(?=\s*[,\]]))\s*(?:,\s*"(\w+)")?/u

/** Sorts a message of a station; tolerates a byte order mark, trailing NUL, numeric ids and a missing payload. */
export function readFrame(text: string): Frame {
  const trimmed = withoutPadding(text)
  if (trimmed === '') return { kind: 'empty' }
  let parts: unknown
  try {
    parts = parse(trimmed)
  } catch {
    return bad('not JSON', trimmed)
  }
  if (!Array.isArray(parts) || typeof parts[0] !== 'number') return bad('not an OCPP message', trimmed)
  const [type, id, action, payload] = parts as readonly unknown[]
  if (type === 3 || type === 4) return { kind: 'answer', text: trimmed }
  const named = typeof id === 'string' || Number.isFinite(id)
  const idToken = named ? JSON.stringify(id) : null
  if (type === CALL_RESULT_ERROR) return { kind: 'result-error', text: trimmed, idToken }
  if (type !== CALL && type !== SEND) return { kind: 'other', type: Number(type), idToken }
  if (idToken === null) return bad('no message id', trimmed)
  if (typeof action !== 'string') return bad('no action', trimmed)
  const call: CallFrame = {
    kind: 'call',
    id: String(id),
    idToken,
    action,
    payload: asPayload(payload),
    text,
  }
  return type === SEND ? { kind: 'send', call } : call
}

/** A loop: a pattern anchored at the end takes quadratic time on runs of blanks inside a frame. */
function withoutPadding(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isPadding(text[start])) start++
  while (end > start && isPadding(text[end - 1])) end--
  return text.slice(start, end)
}

/** Blanks, which take in the byte order mark, and NUL. */
const isPadding = (char: string | undefined): boolean => char === '\0' || char?.trim() === ''

const bad = (reason: string, text: string): Frame => {
  const head = HEAD.exec(text)
  return { kind: 'bad', reason, idToken: head?.[1] ?? null, action: head?.[2] ?? null }
}

const asPayload = (payload: unknown): Payload =>
  typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? (payload as Payload) : {}

/** Integers beyond what a number holds exactly stay text. */
function parse(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    const inexact = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    return inexact ? source : value
  })
}

/** `text` with its message id replaced, for stations whose ids are not JSON strings. */
export function withId(text: string, idToken: string): string {
  const head = /^\[(\d),"(?:[^"\\]|\\.)*"/.exec(text)
  if (!head) throw new DepotError('ocpp.frame', 'An answer without a message id')
  return `[${head[1]},${idToken}${text.slice(head[0].length)}`
}

import { z } from 'zod'
import type { CallAnswer } from '../inbound.ts'

/** Answers to the actions of one service. */
export type Service = Readonly<Record<string, (payload: unknown) => CallAnswer>>

/** What a service may do beside answering. */
export interface ServiceDeps {
  /** Sends a call that is worth sending only now. */
  tell(action: string, payload: Readonly<Record<string, unknown>>): void
  /** Runs something later, as long as the station runs. */
  later(seconds: number, run: () => void): void
  /** Milliseconds since 1970. */
  now(): number
  record(kind: string, detail: Readonly<Record<string, unknown>>): void
}

/** An answer that runs only on a payload of the right shape. */
export const when =
  <T>(shape: z.ZodType<T>, answer: (request: T) => CallAnswer) =>
  (payload: unknown): CallAnswer => {
    const request = shape.safeParse(payload ?? {})
    if (request.success) return answer(request.data)
    return { error: 'FormationViolation', description: z.prettifyError(request.error).slice(0, 250) }
  }

export const status = (word: string, then?: () => void): CallAnswer =>
  then ? { payload: { status: word }, then } : { payload: { status: word } }

/** An answer of any shape; `then` runs once it is on the wire. */
export const reply = (payload: Readonly<Record<string, unknown>>, then: () => void): CallAnswer => ({
  payload,
  then,
})

export const Nothing = z.object({})
export const IdTag = z.string().min(1).max(20)
export const Time = z.iso.datetime({ offset: true })

import type { Clock, Timer } from '@busbar/model/clock.ts'
import type { Duration } from '@busbar/units/time.ts'
import { type Frame, writeFrame } from './frames.ts'

export type CallOutcome =
  | { readonly status: 'answered'; readonly payload: unknown }
  | { readonly status: 'error'; readonly code: string; readonly description: string }
  | { readonly status: 'timeout' }
  | { readonly status: 'disconnected' }

export interface Call {
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
  /** An answer that comes after the deadline still counts: the call is offered again until it is answered. */
  readonly repeats: boolean
  done(outcome: CallOutcome): void
}

export interface CallSlotOptions {
  readonly clock: Clock
  readonly deadline: Duration
  readonly identity: string
  send(text: string): boolean
  /** The call whose turn it is; none when nothing may leave now. */
  next(): Call | undefined
}

/** Keeps the rule that a station has one call in flight. @see OCPP-J 1.6 section 4.1.1 */
export class CallSlot {
  readonly #options: CallSlotOptions
  readonly #late = new Map<string, Call>()
  #inFlight: { readonly id: string; readonly call: Call; readonly timer: Timer } | null = null
  #count = 0

  constructor(options: CallSlotOptions) {
    this.#options = options
  }

  get pending(): number {
    return this.#inFlight ? 1 : 0
  }

  pump(): void {
    if (this.#inFlight) return
    const call = this.#options.next()
    if (!call) return
    const id = `${this.#options.identity}-${++this.#count}`
    const timer = this.#options.clock.timer(this.#options.deadline, () => this.#timedOut(id))
    this.#inFlight = { id, call, timer }
    const sent = this.#options.send(
      writeFrame({ kind: 'call', id, action: call.action, payload: call.payload }),
    )
    if (!sent) this.#finish(call, { status: 'disconnected' })
  }

  answered(frame: Extract<Frame, { kind: 'result' | 'error' }>): void {
    const call = this.#inFlight?.id === frame.id ? this.#inFlight.call : this.#late.get(frame.id)
    if (!call) return
    const known = frame.id === this.#inFlight?.id
    if (frame.kind === 'result') this.#finish(call, { status: 'answered', payload: frame.payload })
    else if (known) this.#finish(call, { status: 'error', code: frame.code, description: frame.description })
  }

  /** The connection is gone, and with it every answer still to come. */
  closed(): void {
    this.#late.clear()
    const call = this.#inFlight?.call
    if (call) this.#finish(call, { status: 'disconnected' })
  }

  #timedOut(id: string): void {
    if (this.#inFlight?.id !== id) return
    const { call } = this.#inFlight
    this.#inFlight = null
    if (call.repeats) this.#late.set(id, call)
    call.done({ status: 'timeout' })
    this.pump()
  }

  #finish(call: Call, outcome: CallOutcome): void {
    if (this.#inFlight?.call === call) {
      this.#inFlight.timer.cancel()
      this.#inFlight = null
    }
    for (const [id, late] of this.#late)
      if (late === call && outcome.status === 'answered') this.#late.delete(id)
    call.done(outcome)
    if (outcome.status !== 'disconnected') this.pump()
  }
}

import type { Clock, Timer } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { Logger } from '../logger.ts'
import { lacking, unheard } from './call-errors.ts'
import { CallPace } from './call-pace.ts'
import { type CallFrame, withId } from './frame.ts'
import { InboundQueue } from './inbound-queue.ts'
import type { PeerHooks } from './library-peer.ts'
import { within } from './receipts.ts'
import type { Registration } from './registration.ts'
import type { OcppVersion, Reply, Route, StationCall } from './route.ts'
import type { Tally } from './tally.ts'
import type { TransportLimits } from './transport-limits.ts'

export interface InboundOptions {
  readonly station: StationId
  readonly version: OcppVersion
  readonly registration: Registration
  readonly clock: Clock
  readonly limits: TransportLimits
  readonly log: Logger
  readonly tally: Tally
  /** Starts the library on a call. */
  deliver(envelope: string): void
  write(text: string): void
  /** Called after each change of how many calls wait. */
  onWaiting(count: number): void
}

/** A station's calls on one connection: in order, one at a time, each answered once or left to the station. */
export class InboundCalls implements Pick<PeerHooks, 'handle' | 'unanswered'> {
  readonly #options: InboundOptions
  readonly #queue: InboundQueue
  readonly #pace: CallPace
  /** The station is faster than its calls are taken. */
  #waits: Timer | null = null
  #ready = false
  #open = true
  #introducing: TransactionId | null = null
  readonly #whenEnded: (() => void)[] = []

  constructor(options: InboundOptions) {
    this.#options = options
    const { callBurst: burst, callsPerSecond: perSecond, keptAnswers } = options.limits
    this.#queue = new InboundQueue(keptAnswers)
    this.#pace = new CallPace(options.clock, { burst, perSecond })
  }

  /** From now on the library listens. */
  start(): void {
    this.#ready = true
    this.#pump()
  }

  receive(frame: CallFrame): void {
    if (!this.#open) return
    const added = this.#queue.add(frame)
    if (added === 'queued') {
      this.#options.tally.working += 1
      this.#options.onWaiting(this.#queue.waiting)
      this.#pump()
    } else if (added !== 'joined') this.#options.write(added.repeat)
  }

  /** A message that wants no answer: it is heard out of turn, and nobody waits for its commit. */
  told({ action, payload, text }: CallFrame): void {
    const { station, clock, log, registration, version } = this.#options
    const route = version.routes.get(action)
    if (!this.#open || route === undefined || registration.refusalOf(action, route.receipt) !== null) return
    if (this.#pace.take() !== null) return
    const call = { station, action, payload, text, receivedAt: clock.now() }
    Promise.resolve(route.handle(call))
      .then(({ durable }) => durable)
      .catch((reason: unknown) =>
        log.error({ station, action, reason: messageOf(reason) }, 'a message could not be handled'),
      )
  }

  /** Takes no more calls; resolves when the one in work has ended. */
  drain(): Promise<void> {
    this.#open = false
    this.#options.tally.working -= this.#queue.clear()
    if (!this.#queue.current) return Promise.resolve()
    return this.#ended()
  }

  /** Null when the station knows the transaction as far as we can tell; else resolves once it has been told. */
  introduced(transaction: TransactionId): Promise<void> | null {
    return this.#introducing === transaction ? this.#ended() : null
  }

  /** The connection is gone: nothing of it is answered any more. */
  close(): void {
    this.#open = false
    this.#waits?.cancel()
    this.#options.tally.working -= this.#queue.clear()
    this.#end(null)
  }

  /** True for messages that are never answered with an error. */
  isReceipt(action: string | null): boolean {
    return action !== null && this.#options.version.routes.get(action)?.receipt === true
  }

  async handle(action: string): ReturnType<PeerHooks['handle']> {
    const frame = this.#queue.current
    const route = this.#options.version.routes.get(action)
    if (!frame || !route) return { error: unheard(this.#options.version.knows(action)) }
    const { station, clock, limits, log, registration } = this.#options
    const refusal = registration.refusalOf(action, route.receipt)
    if (refusal !== null) {
      log.warn({ station, action }, 'a message came before its station was accepted')
      return { error: refusal }
    }
    const call = { station, action, payload: frame.payload, text: frame.text, receivedAt: clock.now() }
    const done = await within(clock, limits.answer, this.#run(route, call))
    if ('value' in done)
      return done.value.lacks === undefined
        ? { answer: registration.told(action, done.value.answer) }
        : { error: lacking(done.value.lacks) }
    log.error({ station, action, reason: done.failed }, 'a message could not be handled')
    return route.receipt
      ? null
      : { error: { code: 'InternalError', text: 'The message could not be handled' } }
  }

  /** The library's answer to the call in work. */
  answered(text: string): void {
    const frame = this.#queue.current
    if (!frame) return
    this.#end(frame.idToken === JSON.stringify(frame.id) ? text : withId(text, frame.idToken))
  }

  unanswered(): void {
    this.#end(null)
  }

  #ended(): Promise<void> {
    return new Promise((resolve) => this.#whenEnded.push(resolve))
  }

  async #run(route: Route, call: StationCall): Promise<Reply> {
    const reply = await route.handle(call)
    if (this.#queue.current?.text === call.text) this.#introducing = reply.introduces ?? null
    if (route.receipt) await reply.durable
    else this.#watch(reply, call)
    return reply
  }

  /** Nobody waits for this commit, but a failed one is not silent. */
  #watch(reply: Reply, { station, action }: StationCall): void {
    reply.durable?.catch((reason: unknown) =>
      this.#options.log.error({ station, action, reason: messageOf(reason) }, 'a message was not stored'),
    )
  }

  #pump(): void {
    if (!this.#ready || this.#waits !== null || this.#queue.current !== null || this.#queue.waiting === 0)
      return
    const pause = this.#pace.take()
    if (pause !== null) {
      this.#waits = this.#options.clock.timer(pause, () => {
        this.#waits = null
        this.#pump()
      })
      return
    }
    const frame = this.#queue.take()
    if (!frame) return
    this.#options.onWaiting(this.#queue.waiting)
    // Only the envelope goes to the library; the payload stays as we have read it.
    this.#options.deliver(JSON.stringify([2, frame.id, frame.action]))
  }

  #end(answer: string | null): void {
    const frame = this.#queue.current
    if (!frame) return
    const times = this.#queue.finish(answer, this.isReceipt(frame.action))
    for (let sent = 0; answer !== null && sent < times; sent += 1) this.#options.write(answer)
    this.#options.tally.working -= 1
    this.#introducing = null
    for (const ended of this.#whenEnded.splice(0)) ended()
    this.#pump()
  }
}

import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Monotonic, milliseconds } from '@busbar/units/time.ts'
import type { Random } from '../random.ts'
import { exception } from './answer-request.ts'
import type { FaultOf } from './fault.ts'
import type { FaultBoard, InForce } from './fault-board.ts'
import { frameOf } from './frame-faults.ts'
import type { Framing, Request } from './framing.ts'
import { GatewayCache } from './gateway-cache.ts'
import { PacedWriter, wireMs } from './paced-writer.ts'
import type { Strike } from './strike.ts'
import type { VirtualUnit } from './virtual-unit.ts'

/** One way to the line: a socket or a serial port. */
export interface Link {
  write(bytes: Buffer): void
  end(): void
  reset(): void
}

/** Totals since the start. */
export interface LineCounters {
  readonly requests: number
  readonly answers: number
  /** Requests that came while the answer to the one before was still due. */
  readonly overlaps: number
  /** Requests that came sooner after an answer than the meter's profile allows. */
  readonly gapViolations: number
  readonly connections: number
  /** Bytes written. */
  readonly bytes: number
}

export interface MeterLineOptions {
  readonly units: ReadonlyMap<number, VirtualUnit>
  readonly framing: Framing
  readonly clock: Clock
  readonly random: Random
  readonly faults: FaultBoard
  readonly baud?: number | undefined
  /** A second connection is hung up on. */
  readonly singleClient: boolean
  /** A request that comes while an answer is due is lost, as many gateways lose it. */
  readonly oneOutstanding: boolean
}

interface Conversation {
  readonly link: Link
  readonly writer: PacedWriter
  received: Buffer
  deaf: boolean
  /** Requests so far, and which of them was answered last. */
  asked: number
  answered: number
  /** Answers under way that no fault delays. */
  due: number
  /** Held back until the next request came, or the next answer. */
  held: Answer | undefined
  /** Requests that each fault of a slow start has seen. */
  readonly started: Map<string, number>
}

interface Answer {
  readonly bytes: Buffer
  /** To which of the requests. */
  readonly to: number
}

/** A timer of Node's may be early by less than this. */
const TOLERANCE_MS = 1
const GATEWAY_TARGET_SILENT = 11

/** What hangs on a line answers here, one conversation for each connection, and all faults of frame and time happen. */
export class MeterLine {
  readonly #options: MeterLineOptions
  readonly #conversations = new Set<Conversation>()
  readonly #timers = new Set<Timer>()
  readonly #cache = new GatewayCache()
  readonly #counters = { requests: 0, answers: 0, overlaps: 0, gapViolations: 0, connections: 0, bytes: 0 }
  readonly #busyUntil = new Map<number, number>()
  #lastAnswer: Monotonic | undefined

  constructor(options: MeterLineOptions) {
    this.#options = options
  }

  get counters(): LineCounters {
    return { ...this.#counters }
  }

  /** Conversations whose last request has no answer yet, whether it will come or not. */
  get owing(): number {
    return [...this.#conversations].filter(({ asked, answered }) => answered < asked).length
  }

  /** @returns what to do with bytes that come, and when the link is gone */
  connect(link: Link): { receive(bytes: Buffer): void; gone(): void } {
    const { clock, baud, singleClient } = this.#options
    this.#counters.connections += 1
    if (singleClient && this.#conversations.size > 0) {
      link.end()
      return { receive: () => undefined, gone: () => undefined }
    }
    const writer = new PacedWriter({ clock, baud, write: (bytes) => this.#write(conversation, bytes) })
    const conversation: Conversation = {
      ...{ link, writer, received: Buffer.alloc(0), deaf: false, held: undefined, started: new Map() },
      ...{ asked: 0, answered: 0, due: 0 },
    }
    this.#conversations.add(conversation)
    return {
      receive: (bytes) => this.#receive(conversation, bytes),
      gone: () => {
        writer.stop()
        this.#conversations.delete(conversation)
      },
    }
  }

  /** Those who are connected hear and say nothing from now on. */
  deafen(): void {
    for (const conversation of this.#conversations) conversation.deaf = true
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel()
    for (const { writer } of this.#conversations) writer.stop()
  }

  #receive(conversation: Conversation, bytes: Buffer): void {
    conversation.received = Buffer.concat([conversation.received, bytes])
    for (let more = true; more; ) {
      const taken = this.#options.framing.take(conversation.received)
      if (taken === 'broken') {
        conversation.link.reset()
        return
      }
      conversation.received = taken.rest
      more = taken.request !== undefined
      if (taken.request) this.#handle(conversation, taken.request)
    }
  }

  #handle(conversation: Conversation, request: Request): void {
    const { faults, oneOutstanding } = this.#options
    this.#counters.requests += 1
    conversation.asked += 1
    if (conversation.deaf) return
    const overlaps = [...this.#conversations].some(({ due }) => due > 0)
    if (overlaps) this.#counters.overlaps += 1
    this.#checkGap(request)
    const { held } = conversation
    const strike = faults.strike(request)
    if (held && !strike.has('coalesce')) {
      conversation.held = undefined
      this.#send(conversation, held, strike)
    }
    if (strike.has('reset')) conversation.link.reset()
    if (strike.has('fin')) conversation.link.end()
    if (strike.has('reset') || strike.has('fin') || (overlaps && oneOutstanding)) return
    const body = this.#body(request, strike)
    if (body) this.#answer(conversation, { request, body, strike })
  }

  /** Counts a request that did not let the line rest for as long as the unit wants. */
  #checkGap({ unit }: Request): void {
    const { clock, units } = this.#options
    const rest = units.get(unit)?.plan.profile.limits.minGapMs ?? 0
    if (this.#lastAnswer !== undefined && clock.monotonic() - this.#lastAnswer < rest - TOLERANCE_MS)
      this.#counters.gapViolations += 1
  }

  #body(request: Request, strike: Strike): Buffer | undefined {
    const { clock, framing, units } = this.#options
    const code = request.body.readUInt8(0)
    const unit = units.get(request.unit)
    const cache = strike.one('gatewayCache')
    const cached = cache && this.#cache.find(cache, request, clock.monotonic())
    if (cached) return cached
    if (strike.has('dropReply')) return undefined
    const dead = strike.has('deadUnit') || strike.all('flappingUnit').some((entry) => this.#isAway(entry))
    if (!unit || dead) return framing.kind === 'tcp' ? exception(code, GATEWAY_TARGET_SILENT) : undefined
    const body = unit.answer(request.body, strike)
    if (cache) this.#cache.keep(cache, request, { body, at: clock.monotonic() })
    return body
  }

  #isAway({ fault, since }: InForce<FaultOf<'flappingUnit'>>): boolean {
    return (this.#options.clock.monotonic() - since) % (fault.onMs + fault.offMs) >= fault.onMs
  }

  #answer(
    conversation: Conversation,
    { request, body, strike }: { readonly request: Request; readonly body: Buffer; readonly strike: Strike },
  ): void {
    const { baud, framing, units } = this.#options
    const { held } = conversation
    const frame = frameOf(framing, request, body, strike)
    const answer = { bytes: held ? Buffer.concat([held.bytes, frame]) : frame, to: conversation.asked }
    const untilAsked = strike.all('lateReply').some(({ fault }) => fault.delayMs === undefined)
    const hold = untilAsked || (strike.has('coalesce') && !held)
    conversation.held = hold ? answer : undefined
    if (hold) return
    const usual = wireMs(request.bytes.length, baud) + (units.get(request.unit)?.plan.turnaroundMs ?? 0)
    const extra = this.#delay(conversation, strike)
    const wait = this.#turnOf(request.unit, usual + extra)
    const onTime = wait <= usual
    if (onTime) conversation.due += 1
    const sent = () => {
      if (!onTime) return
      conversation.due -= 1
      this.#lastAnswer = this.#options.clock.monotonic()
    }
    this.#after(wait, () => this.#send(conversation, answer, strike, sent))
  }

  /** A unit answers in the order in which it was asked: a late answer holds up those behind it. */
  #turnOf(unit: number, wait: number): number {
    const now = this.#options.clock.monotonic()
    const at = Math.max(now + wait, this.#busyUntil.get(unit) ?? now)
    this.#busyUntil.set(unit, at)
    return at - now
  }

  /** What faults add to the time until the answer. */
  #delay({ started }: Conversation, strike: Strike): number {
    const late = strike.one('lateReply')?.fault
    const slow = strike.one('slowStart')
    const before = slow ? (started.get(slow.id) ?? 0) : 0
    if (slow) started.set(slow.id, before + 1)
    return (
      (late ? (late.delayMs ?? 0) + this.#options.random.next() * (late.jitterMs ?? 0) : 0) +
      (slow && before < slow.fault.requests ? slow.fault.delayMs : 0)
    )
  }

  #send(conversation: Conversation, { bytes, to }: Answer, strike: Strike, sent?: () => void): void {
    const split = strike.one('splitFrame')?.fault
    conversation.writer.send({
      bytes,
      split,
      done: () => {
        sent?.()
        this.#counters.answers += 1
        conversation.answered = to
      },
    })
  }

  #write({ deaf, link }: Conversation, bytes: Buffer): void {
    if (deaf) return
    this.#counters.bytes += bytes.length
    link.write(bytes)
  }

  #after(ms: number, run: () => void): void {
    if (ms <= 0) run()
    else this.#waitThen(ms, run)
  }

  #waitThen(ms: number, run: () => void): void {
    const timer = this.#options.clock.timer(milliseconds(ms), () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }
}

import type { Clock, Timer } from '@busbar/model/clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { z } from 'zod'
import type { Random } from '../random.ts'
import { type Call, type CallOutcome, CallSlot } from './calls.ts'
import type { Dialect } from './dialect.ts'
import { type Frame, readFrame, writeFrame } from './frames.ts'
import { type Cut, Link, type LinkManners } from './link.ts'
import type { TransactionQueue } from './transaction-queue.ts'

export type Payload = Readonly<Record<string, unknown>>

export interface UplinkOptions {
  readonly clock: Clock
  readonly random: Random
  readonly url: string
  readonly identity: string
  readonly bootsOnReconnect: boolean
  /** Transaction messages; they go after all others, in their own order. */
  readonly reports: TransactionQueue
  readonly dialect: Pick<Dialect, 'subprotocol' | 'said' | 'opened'>
  readonly manners: LinkManners
  secret(): Buffer
  bootPayload(): Payload
}

export interface UplinkEvents {
  /** The CSMS accepts this station and messages may pass. */
  online(): void
  /** `clean`: the CSMS said goodbye. */
  lost(clean: boolean): void
  called(frame: Extract<Frame, { kind: 'call' }>): void
  accepted(heartbeatS: number): void
  record(kind: string, detail: Payload): void
}

/** Counts of text frames and calls since the station was made. */
export interface StationActivity {
  readonly framesSent: number
  readonly framesReceived: number
  /** Calls of the station that wait for an answer. */
  readonly callsPending: number
  /** A connection is being made, or a file is on its way. */
  readonly connecting: boolean
  /** Something goes on, or can go on without time passing. */
  readonly busy: boolean
}

const CALL_DEADLINE = seconds(30)
const BOOT_RETRY_S = 30
const BootAnswer = z.object({ status: z.string(), interval: z.number() })

/** The station's way to its CSMS: registration, one call in flight, and what may be sent when. */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #events: UplinkEvents
  readonly #link: Link
  readonly #slot: CallSlot
  readonly #silenced = new Set<string>()
  #general: Call[] = []
  #registered = false
  #retry: Timer | null = null
  #contact: 'none yet' | 'open' | 'lost' = 'none yet'

  constructor(options: UplinkOptions, events: UplinkEvents) {
    this.#options = options
    this.#events = events
    const { clock, random, url, identity, dialect, manners } = options
    const { subprotocol } = dialect
    this.#link = new Link(
      { clock, random, url, identity, subprotocol, manners, secret: () => options.secret() },
      {
        opened: () => this.#opened(),
        received: (text) => this.#received(text),
        closed: (why, clean) => this.#closed(why, clean),
      },
    )
    this.#slot = new CallSlot({
      clock,
      deadline: CALL_DEADLINE,
      identity,
      send: (text) => this.#link.send(text),
      next: () => this.#next(),
    })
  }

  get online(): boolean {
    return this.#registered && this.#link.open
  }

  start(): void {
    this.#link.start()
  }

  stop(how: 'close' | 'drop'): void {
    this.#retry?.cancel()
    this.#link.stop(how)
  }

  /** Forgets that the CSMS accepted this station, as a reboot does. */
  forget(): void {
    this.#registered = false
  }

  cut(how: Cut): void {
    this.#link.cut(how)
  }

  restore(): void {
    this.#link.restore()
  }

  silence(action: string): void {
    this.#silenced.add(action)
  }

  speak(action: string): void {
    this.#silenced.delete(action)
    this.#slot.pump()
  }

  silent(action: string): boolean {
    return this.#silenced.has(action)
  }

  /** Sends a call that is worth sending only now; offline it is `disconnected` at once. */
  request(action: string, payload: Payload, done: (outcome: CallOutcome) => void): void {
    if (!this.online) done({ status: 'disconnected' })
    else this.#call(action, payload, done)
  }

  boot(): void {
    this.#retry?.cancel()
    this.#call('BootNotification', this.#options.bootPayload(), (outcome) => this.#booted(outcome))
  }

  pump(): void {
    this.#slot.pump()
  }

  reply(frame: Exclude<Frame, { kind: 'call' }>): void {
    this.#link.send(writeFrame(frame))
  }

  activity(): StationActivity {
    const waits = this.online && (this.#general.length > 0 || this.#sendable())
    return {
      framesSent: this.#link.framesSent,
      framesReceived: this.#link.framesReceived,
      callsPending: this.#slot.pending,
      connecting: this.#link.connecting,
      busy: this.#link.connecting || this.#slot.pending > 0 || waits,
    }
  }

  #opened(): void {
    this.#contact = 'open'
    this.#options.dialect.opened()
    this.#events.record('connected', {})
    this.#options.reports.resume()
    if (this.#registered && !this.#options.bootsOnReconnect) {
      this.#events.online()
      this.pump()
      return
    }
    this.#registered = false
    this.boot()
  }

  #booted(outcome: CallOutcome): void {
    if (outcome.status === 'disconnected') return
    const answer = outcome.status === 'answered' ? BootAnswer.safeParse(outcome.payload) : undefined
    const status = answer?.success ? answer.data.status : outcome.status
    const intervalS = answer?.success ? answer.data.interval : 0
    this.#events.record('boot', { status })
    if (status !== 'Accepted') {
      const pause = seconds(intervalS > 0 ? intervalS : BOOT_RETRY_S)
      this.#retry = this.#options.clock.timer(pause, () => this.boot())
      return
    }
    if (intervalS > 0) this.#events.accepted(intervalS)
    this.#registered = true
    this.#events.online()
    this.pump()
  }

  #closed(reason: string, clean: boolean): void {
    this.#retry?.cancel()
    const unsent = this.#general
    this.#general = []
    this.#slot.closed()
    for (const call of unsent) call.done({ status: 'disconnected' })
    if (this.#contact !== 'lost')
      this.#events.record(this.#contact === 'open' ? 'disconnected' : 'unreachable', { reason })
    if (this.#contact === 'open') this.#events.lost(clean)
    this.#contact = 'lost'
  }

  #received(text: string): void {
    const frame = readFrame(text)
    if (!frame) this.#events.record('unreadable-frame', { text: text.slice(0, 200) })
    else if (frame.kind !== 'call') this.#slot.answered(frame)
    else if (!this.#silenced.has(frame.action)) this.#events.called(frame)
  }

  #call(action: string, payload: Payload, done: (outcome: CallOutcome) => void): void {
    if (this.#silenced.has(action)) {
      done({ status: 'timeout' })
      return
    }
    const call = this.#options.dialect.said({ action, payload, repeats: false, done })
    if (call === null) {
      done({ status: 'answered', payload: {} })
      return
    }
    this.#general.push(call)
    this.pump()
  }

  #next(): Call | undefined {
    if (!this.#link.open) return undefined
    const general = this.#general.shift()
    if (general || !this.#registered) return general
    return this.#sendable() ? this.#options.reports.next() : undefined
  }

  #sendable(): boolean {
    const call = this.#options.reports.next()
    return call !== undefined && !this.#silenced.has(call.action)
  }
}

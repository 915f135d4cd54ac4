import type { Clock } from '@busbar/model/clock.ts'
import type { StationId } from '@busbar/model/ids.ts'
import { between, type Duration, type Monotonic } from '@busbar/units/time.ts'
import type { RawData, WebSocket } from 'ws'
import type { RawCommand, StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { RequestEffect, SendOptions } from '../../../domain/ports/station-commands.ts'
import type { Logger } from '../logger.ts'
import type { Said } from '../quirks/quirk.ts'
import { BadMessages } from './bad-messages.ts'
import { answerFromError, slotOf } from './command-answer.ts'
import { type Frame, type Payload, readFrame } from './frame.ts'
import { InboundCalls } from './inbound-calls.ts'
import { LibraryPeer } from './library-peer.ts'
import { PendingCalls, type Written } from './pending-calls.ts'
import { refusalOf, spokenIn } from './refused-frame.ts'
import type { Registration } from './registration.ts'
import type { OcppVersion } from './route.ts'
import type { Tally } from './tally.ts'
import type { TransportEvent, TransportFrame } from './transport-event.ts'
import type { TransportLimits } from './transport-limits.ts'

/** What all connections share. */
export interface ConnectionContext {
  readonly clock: Clock
  readonly limits: TransportLimits
  readonly log: Logger
  readonly tally: Tally
  readonly report: (event: TransportEvent) => void
  readonly onFrame: (frame: TransportFrame) => void
  /** A request as this station wants it; null: as it is. */
  readonly reword: (station: StationId, said: Said) => Said | { readonly refused: string } | null
  /** Called once, at the moment the connection stops counting. */
  readonly onClosed: (connection: Connection, reason: string) => void
}

/** Who is at the other end. `generation` grows with each connection of the station. */
export interface ConnectionOrigin {
  readonly station: StationId
  readonly generation: number
  readonly remoteAddress: string
  readonly registration: Registration
}

/** One accepted socket of a station. Its calls, commands and timers end with it and touch no other connection. */
export class Connection {
  readonly origin: ConnectionOrigin
  readonly protocol: string
  readonly #context: ConnectionContext
  readonly #version: OcppVersion
  readonly #socket: WebSocket
  readonly #peer: LibraryPeer
  readonly #inbound: InboundCalls
  readonly #line: PendingCalls
  readonly #bad: BadMessages
  readonly #probes = new Set<(alive: boolean) => void>()
  #heard = 0
  #pinged = 0
  #ponged = 0
  #messages = 0
  #messageAt: Monotonic
  #paused = false
  #fault: string | null = null
  #closed = false
  #whenClosed: (() => void) | null = null

  constructor(origin: ConnectionOrigin, socket: WebSocket, version: OcppVersion, context: ConnectionContext) {
    const { clock, limits, log, tally } = context
    const { station } = origin
    this.origin = origin
    this.#messageAt = clock.monotonic()
    this.protocol = version.subprotocol
    this.#context = context
    this.#version = version
    this.#socket = socket
    this.#bad = new BadMessages(clock, limits.badMessages)
    this.#line = new PendingCalls({
      clock,
      giveUp: limits.giveUp,
      capacity: limits.waitingCommands,
      late: (answer) => log.warn({ station, answer }, 'an answer came too late'),
    })
    this.#inbound = new InboundCalls({
      station,
      version,
      registration: origin.registration,
      clock,
      limits,
      log,
      tally,
      deliver: (envelope) => this.#peer.receive(envelope),
      write: (text) => this.#write(text),
      onWaiting: (count) => this.#holdBack(count),
    })
    this.#peer = new LibraryPeer(station, this.protocol, {
      handle: (action) => this.#inbound.handle(action),
      unanswered: () => this.#inbound.unanswered(),
      send: (text) => (text.startsWith('[2,') ? this.#write(text) : this.#inbound.answered(text)),
      stray: (reason) => this.#badMessage(reason),
    })
    this.#listen()
  }

  /** Requests waiting for this station or for its answer. */
  get callsPending(): number {
    return this.#line.pending
  }

  /** Grows with every sign of life. */
  get heard(): number {
    return this.#heard
  }

  /** Grows with every message alone. */
  get messages(): number {
    return this.#messages
  }

  /** True while we do not read, so that silence says nothing about the station. */
  get heldBack(): boolean {
    return this.#paused
  }

  send(command: StationCommand, options: SendOptions): Promise<StationAnswer> {
    const request = { ...options, slot: slotOf(command), write: () => this.#writeCommand(command) }
    const told = 'transaction' in command ? this.#inbound.introduced(command.transaction) : null
    return told === null ? this.#line.send(request) : told.then(() => this.#line.send(request))
  }

  /** What a raw request can do to the station's limits. */
  effectOf(request: Pick<RawCommand, 'action' | 'payload'>): RequestEffect {
    return this.#version.effectOf?.(request) ?? { kind: 'may-raise', reboots: false }
  }

  /** How many pings it was sent and how many it answered. */
  get pings(): { readonly sent: number; readonly answered: number } {
    return { sent: this.#pinged, answered: this.#ponged }
  }

  ping(): void {
    if (!this.#isOpen()) return
    this.#pinged += 1
    this.#socket.ping()
  }

  /** True when a message came so lately. */
  spokeWithin(limit: Duration): boolean {
    return between(this.#messageAt, this.#context.clock.monotonic()) < limit
  }

  /** Pings; resolves true at the first sign of life, false when none comes within `limit`. */
  showsLife(limit: Duration): Promise<boolean> {
    return new Promise((resolve) => {
      if (!this.#isOpen()) return resolve(false)
      const end = (alive: boolean) => {
        timer.cancel()
        this.#probes.delete(end)
        resolve(alive)
      }
      const timer = this.#context.clock.timer(limit, () => end(false))
      this.#probes.add(end)
      this.#resume()
      this.ping()
    })
  }

  /** Cuts the connection at once. */
  terminate(reason: string): void {
    this.#retire(reason)
    this.#socket.terminate()
  }

  /** Lets the call in work end, says goodbye, and cuts the connection if that takes too long. */
  async close(reason: string, how: 'frame' | 'drop' = 'frame'): Promise<void> {
    if (this.#closed) return
    const closed = new Promise<void>((resolve) => {
      this.#whenClosed = resolve
    })
    const { clock, limits } = this.#context
    const forced = clock.timer(limits.close, () => this.terminate(reason))
    await Promise.race([this.#inbound.drain(), closed])
    this.#fault ??= reason
    this.#resume()
    if (how === 'drop') this.terminate(reason)
    else this.#socket.close(1001, reason)
    await closed
    forced.cancel()
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('message', (data: RawData) => this.#receive(data.toString()))
    socket.on('ping', () => this.#hear())
    socket.on('pong', () => {
      this.#ponged += 1
      this.#hear()
    })
    socket.on('error', (error) => {
      this.#fault ??= error.message
    })
    socket.once('close', (code) => this.#retire(this.#fault ?? `closed by the station (${code})`))
    process.nextTick(() => this.#inbound.start())
  }

  #hear(): void {
    this.#heard += 1
    for (const end of [...this.#probes]) end(true)
  }

  #receive(text: string): void {
    if (this.#closed) return
    this.#hear()
    this.#messages += 1
    this.#messageAt = this.#context.clock.monotonic()
    this.#context.tally.framesIn += 1
    this.#passed('in', text)
    this.#sort(spokenIn(this.protocol, readFrame(text)))
  }

  #sort(frame: Frame): void {
    if (frame.kind === 'call') this.#inbound.receive(frame)
    else if (frame.kind === 'answer') this.#peer.receive(frame.text)
    else if (frame.kind === 'send') this.#inbound.told(frame.call)
    else if (frame.kind === 'result-error') this.#doubted(frame.text)
    else if (frame.kind === 'other' || frame.kind === 'bad') {
      this.#badMessage(frame.kind === 'bad' ? frame.reason : `message type ${frame.type}`)
      const refusal = refusalOf(frame, this.protocol)
      // An error in answer to a report would lose it or make the station repeat it for ever.
      const report = frame.kind === 'bad' && frame.idToken !== null && this.#inbound.isReceipt(frame.action)
      if (refusal !== null && !report) this.#write(refusal)
    }
  }

  /** An answer of ours that the station could not read: it has it, and no other follows. */
  #doubted(text: string): void {
    const { station } = this.origin
    this.#context.log.warn({ station, error: text.slice(0, 500) }, 'a station could not read our answer')
  }

  #badMessage(reason: string): void {
    const { station } = this.origin
    const { count, report } = this.#bad.add()
    if (count <= this.#context.limits.badMessages)
      this.#context.log.warn({ station, reason }, 'a message could not be read')
    if (report) this.#context.report({ kind: 'bad-messages', station, count })
  }

  #writeCommand(command: StationCommand): Written | StationAnswer {
    if (!this.#isOpen()) return { status: 'not-sent', reason: 'offline' }
    const { registration } = this.origin
    // Who is rejected is not spoken to until its next boot. @see OCPP 2.0.1 B03
    if (registration.status === 'Rejected') return { status: 'not-sent', reason: 'offline' }
    const encoded = this.#reworded(this.#version.encode(command, this.#context.clock.now()))
    if ('refused' in encoded) return { status: 'rejected', reason: encoded.refused }
    const { requestedMessage }: { requestedMessage?: unknown } = encoded.payload
    if (typeof requestedMessage === 'string') registration.asked(requestedMessage)
    const read = (answer: unknown) => encoded.readAnswer(asPayload(answer))
    return { answer: this.#peer.call(encoded.action, encoded.payload).then(read).catch(answerFromError) }
  }

  #reworded(encoded: ReturnType<OcppVersion['encode']>): typeof encoded {
    if ('refused' in encoded) return encoded
    const { action, payload } = encoded
    const said = this.#context.reword(this.origin.station, { action, payload: { ...payload } })
    if (said === null || 'refused' in said) return said ?? encoded
    const refused = this.#version.faultOf(said.action, said.payload)
    return refused === null ? { ...encoded, ...said } : { refused }
  }

  #write(text: string): void {
    if (!this.#isOpen()) return
    this.#socket.send(text)
    this.#context.tally.framesOut += 1
    this.#passed('out', text)
    if (this.#socket.bufferedAmount > this.#context.limits.bufferedBytes) this.terminate('it does not read')
  }

  #passed(direction: 'in' | 'out', text: string): void {
    const { station, generation } = this.origin
    this.#context.onFrame({ station, connection: generation, direction, text })
  }

  #holdBack(waiting: number): void {
    const { waitingCalls } = this.#context.limits
    if (waiting >= waitingCalls && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    } else if (waiting <= waitingCalls / 2) this.#resume()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  #isOpen(): boolean {
    return !this.#closed && this.#socket.readyState === this.#socket.OPEN
  }

  #retire(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbound.close()
    this.#line.close()
    this.#peer.close()
    for (const end of [...this.#probes]) end(false)
    this.#context.onClosed(this, reason)
    this.#whenClosed?.()
  }
}

const asPayload = (answer: unknown): Payload =>
  typeof answer === 'object' && answer !== null ? (answer as Payload) : {}

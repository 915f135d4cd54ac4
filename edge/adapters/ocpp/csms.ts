import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { StationId } from '@busbar/model/ids.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { InputOf, InputType, Submit } from '../../domain/inputs.ts'
import type { RequestEffects, SendOptions, StationCommands } from '../../domain/ports/station-commands.ts'
import type { StationDoor } from '../../domain/ports/station-door.ts'
import type { CsmsOptions } from './csms-options.ts'
import { ProfileDesk } from './quirks/profile-desk.ts'
import { RestartWatch } from './quirks/restart-watch.ts'
import { signsOfLife } from './quirks/signs-of-life.ts'
import { admit, byName, type KnownStation } from './rpc/admission.ts'
import { Connection, type ConnectionContext } from './rpc/connection.ts'
import { ConnectionTable } from './rpc/connection-table.ts'
import { type DoorIdentity, FrontDoor, type Refusal, refuse } from './rpc/front-door.ts'
import { Guesses } from './rpc/guesses.ts'
import { peerOf } from './rpc/peer.ts'
import { Pinger } from './rpc/pinger.ts'
import { Refusals } from './rpc/refusals.ts'
import { Registration } from './rpc/registration.ts'
import type { OcppVersion } from './rpc/route.ts'
import { ShutOut } from './rpc/shut-out.ts'
import { Strangers } from './rpc/strangers.ts'
import { newTally } from './rpc/tally.ts'
import type { TransportEvent, TransportFrame } from './rpc/transport-event.ts'
import { type TransportLimits, transportLimitsAt } from './rpc/transport-limits.ts'
import { turnAway } from './rpc/turn-away.ts'
import { whoAsks } from './rpc/who-asks.ts'
import { type VersionChoice, versionChoice } from './version-choice.ts'

export type { CsmsOptions } from './csms-options.ts'
export type { KnownStation, SecurityProfile } from './rpc/admission.ts'
export type { DoorIdentity } from './rpc/front-door.ts'
export type { TransportEvent, TransportFrame } from './rpc/transport-event.ts'

/** What the transport is doing; all is quiet when `working` and `callsPending` are 0 and the frames stand still. */
export interface Activity {
  readonly framesIn: number
  readonly framesOut: number
  readonly working: number
  readonly callsPending: number
}

/** The depot's CSMS: stations connect to it, their messages become inputs, commands go out through it. */
export interface Csms {
  readonly commands: StationCommands & RequestEffects
  start(): Promise<void>
  /** Says goodbye to every station; cuts those that do not answer. */
  stop(): Promise<void>
  address(): { host: string; port: number }
  /** Of the listener over TLS; null without one. */
  secureAddress(): { host: string; port: number } | null
  /** What to show and believe over TLS from the next connection on. */
  secure(identity: DoorIdentity): void
  /** Keeps stations out, and knows how they answer pings. */
  readonly door: StationDoor
  /** Keys of its configuration that are secrets under names that do not show it. */
  secretKeysOf(station: StationId): readonly string[]
  /** Ends a station's connection at once; it may come again. */
  cut(station: StationId, reason: string): void
  activity(): Activity
  /** Calls `listener` with every text frame; the answer undoes it. */
  onFrame(listener: (frame: TransportFrame) => void): () => void
}

export const createCsms = (options: CsmsOptions): Csms => new OcppCsms(options)

class OcppCsms implements Csms {
  readonly commands: StationCommands & RequestEffects
  readonly door: StationDoor
  readonly #options: CsmsOptions
  readonly #limits: TransportLimits
  readonly #stations: ReadonlyMap<string, KnownStation>
  readonly #desk: ProfileDesk
  readonly #versions: VersionChoice
  readonly #table = new ConnectionTable()
  readonly #tally = newTally()
  readonly #listeners = new Set<(frame: TransportFrame) => void>()
  readonly #context: ConnectionContext
  readonly #door: FrontDoor
  readonly #secureDoor: FrontDoor | null
  readonly #sockets: WebSocketServer
  readonly #pinger: Pinger
  readonly #refusals: Refusals
  readonly #guesses: Guesses
  readonly #strangers: Strangers
  readonly #shutOut: ShutOut
  readonly #restarts: RestartWatch
  /** Who has proven himself with which request. */
  readonly #admitted = new WeakMap<IncomingMessage, { station: StationId; secret: string | null }>()

  constructor(options: CsmsOptions) {
    const { clock, log } = options
    this.#options = options
    this.#limits = { ...transportLimitsAt(options.scale ?? 1), ...options.limits }
    this.#stations = byName(options.stations)
    const { transactionName = () => null } = options
    this.#desk = new ProfileDesk({
      ...options,
      assigned: (station) => this.#stations.get(station)?.profile ?? null,
      send: (station, command, how) => this.#send(station, command, how),
    })
    const { contracts = null } = options
    const submit: Submit = (input) => options.submit(this.#desk.mean(input))
    this.#versions = versionChoice({
      ...{ submit, desk: this.#desk, clock, log, contracts, nameOf: transactionName },
    })
    this.#context = {
      clock,
      limits: this.#limits,
      log,
      tally: this.#tally,
      report: (event) => this.#report(event),
      onFrame: (frame) => this.#passed(frame),
      reword: (station, said) => this.#desk.say(station, said),
      onClosed: (connection, reason) => this.#closed(connection, reason),
    }
    this.#door = this.#newDoor(options.listen, null)
    this.#secureDoor = options.secure ? this.#newDoor(options.secure.listen, options.secure.identity) : null
    this.#sockets = this.#newSockets()
    this.#guesses = new Guesses(clock)
    this.#strangers = new Strangers(clock, this.#limits.refusalsPerMinute)
    this.#shutOut = new ShutOut(clock)
    this.#refusals = new Refusals(clock, (event) => this.#report(event))
    this.#restarts = new RestartWatch(clock, this.#desk, (...told) => options.onAway?.(...told))
    this.#pinger = new Pinger(
      { clock, interval: this.#limits.pingInterval },
      () => this.#table.all(),
      ({ origin }) => signsOfLife(this.#desk.quirksOf(origin.station)),
    )
    this.commands = {
      send: (station, command, how) =>
        this.#desk.send(station, command, {
          usual: (one) => this.#send(station, one, how),
          options: how,
        }),
      effectOf: (station, request) => this.#table.get(station)?.effectOf(request) ?? { kind: 'offline' },
      refusalOf: (station, command) => this.#desk.refusalOf(station, command),
    }
    this.door = {
      shut: (station, time) => {
        this.#shutOut.for(station, time)
        this.#table.get(station)?.terminate('kept out to see what it does alone')
      },
      pings: (station) => this.#table.get(station)?.pings ?? null,
    }
  }

  async start(): Promise<void> {
    await this.#door.open()
    await this.#secureDoor?.open()
    this.#pinger.start()
    this.#refusals.start()
    for (const { id } of this.#stations.values()) this.#restarts.away(id)
  }

  async stop(): Promise<void> {
    this.#pinger.stop()
    const closed = Promise.all([this.#door.close(), this.#secureDoor?.close()])
    await Promise.all(
      this.#table.all().map((connection) => {
        const how = this.#desk.quirksOf(connection.origin.station)['liveness.close']
        return connection.close('shutdown', how)
      }),
    )
    await closed
    this.#restarts.stop()
    this.#refusals.stop()
  }

  address(): { host: string; port: number } {
    return this.#door.address()
  }

  secureAddress(): { host: string; port: number } | null {
    return this.#secureDoor?.address() ?? null
  }

  secure(identity: DoorIdentity): void {
    this.#secureDoor?.secure(identity)
  }

  secretKeysOf(station: StationId): readonly string[] {
    return this.#desk.quirksOf(station)['config.secret-keys'] ?? []
  }

  cut(station: StationId, reason: string): void {
    this.#table.get(station)?.terminate(reason)
  }

  activity(): Activity {
    const callsPending = this.#table.all().reduce((sum, connection) => sum + connection.callsPending, 0)
    return { ...this.#tally, callsPending }
  }

  onFrame(listener: (frame: TransportFrame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #newSockets(): WebSocketServer {
    return new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: this.#limits.frameBytes,
      perMessageDeflate: false,
      // A vendor's stray byte must not cost the connection; it becomes U+FFFD.
      skipUTF8Validation: true,
      handleProtocols: (offered, request) =>
        this.#versions.choose(offered, this.#admitted.get(request)?.station ?? null) ?? false,
    })
  }

  #send(station: StationId, command: StationCommand, options: SendOptions): Promise<StationAnswer> {
    return (
      this.#table.get(station)?.send(command, options) ??
      Promise.resolve({ status: 'not-sent', reason: 'offline' })
    )
  }

  #newDoor(listen: CsmsOptions['listen'], identity: DoorIdentity | null): FrontDoor {
    return new FrontDoor({
      ...{ listen, identity, clock: this.#options.clock, limits: this.#limits },
      onUpgrade: (request, socket, head) => this.#upgrade(request, socket, head),
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const guests = { stations: this.#stations, quirksOf: (station: string) => this.#desk.quirksOf(station) }
    // By path or by credentials: whoever names himself another way goes on guessing at the same station.
    const asked = whoAsks(request, guests) ?? ''
    const host = request.socket.remoteAddress ?? '?'
    if (this.#guesses.barred(host, asked)) {
      this.#refuse(request, socket, { status: 401, reason: 'too many wrong credentials' }, asked)
      return
    }
    const admission = admit(request, { ...guests, peer: peerOf(socket) })
    if ('refusal' in admission) {
      if (admission.refusal.status === 401) this.#guessed(request, asked)
      this.#refuse(request, socket, admission.refusal, admission.identity)
      return
    }
    const { station } = admission
    this.#admitted.set(request, admission)
    this.#guesses.passed(host, asked)
    if (this.#shutOut.has(station)) {
      refuse(socket, { status: 503, reason: 'kept out for a while' })
      return
    }
    const holder = this.#table.get(station)
    if (holder && this.#versions.inCommon(request, station)) void this.#contest(holder, request, socket, head)
    else this.#enter(request, socket, head, station)
  }

  /** The newcomer has proven itself; now the holder has to. */
  async #contest(holder: Connection, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { station } = holder.origin
    const { trusted } = signsOfLife(this.#desk.quirksOf(station))
    const owner = await this.#table.settle(holder, { probe: this.#limits.probe, trusted })
    if (owner === null) {
      this.#enter(request, socket, head, station)
      return
    }
    if (owner !== 'undecided') this.#duplicate(owner, request)
    this.#refuse(request, socket, { status: 409, reason: 'identity in use' }, station)
  }

  #enter(request: IncomingMessage, socket: Duplex, head: Buffer, station: StationId): void {
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#door.passed(socket)
      this.#secureDoor?.passed(socket)
      const version = this.#versions.get(webSocket.protocol) ?? this.#versions.assumed(request, station)
      const secret = this.#admitted.get(request)?.secret ?? null
      if (version) this.#welcome(webSocket, version, { station, secret, remoteAddress: addressOf(request) })
      else {
        turnAway(webSocket, { clock: this.#options.clock, within: this.#limits.close })
        const remoteAddress = addressOf(request)
        this.#refusals.add({ reason: 'no common subprotocol', identity: station, remoteAddress })
      }
    })
  }

  #welcome(
    webSocket: WebSocket,
    version: OcppVersion,
    from: { station: StationId; secret: string | null; remoteAddress: string },
  ): void {
    const { station, remoteAddress } = from
    const generation = this.#table.nextGeneration(station)
    const registration = new Registration({
      status: this.#stations.get(station)?.registration ?? 'Accepted',
      booted: this.#options.hasBooted?.(station) ?? true,
      clock: this.#options.clock,
    })
    const connection = new Connection(
      { station, generation, remoteAddress, registration },
      webSocket,
      version,
      this.#context,
    )
    this.#table.add(connection)
    this.#options.log.info({ station, connection: generation, remoteAddress }, 'a station connected')
    this.#submit({
      type: 'station-connected',
      station,
      connection: generation,
      protocol: version.subprotocol,
      remoteAddress,
      secret: from.secret,
    })
    this.#restarts.back(station)
    this.#desk.opened(station)
  }

  #closed(connection: Connection, reason: string): void {
    const { station, generation } = connection.origin
    this.#table.remove(connection)
    if (this.#table.get(station) === undefined) {
      this.#desk.closed(station)
      this.#restarts.away(station)
    }
    this.#options.log.info({ station, connection: generation, reason }, 'a station disconnected')
    this.#submit({ type: 'station-disconnected', station, connection: generation, reason })
  }

  #submit<T extends InputType>(input: InputOf<T>): void {
    const failed = (reason: unknown) =>
      this.#options.log.error({ input: input.type, reason: messageOf(reason) }, 'an input was not stored')
    try {
      this.#options.submit(input).durable.catch(failed)
    } catch (reason) {
      failed(reason)
    }
  }

  #duplicate(owner: Connection, request: IncomingMessage): void {
    const { station, remoteAddress: holder } = owner.origin
    this.#report({ kind: 'identity.duplicate', station, holder, newcomer: addressOf(request) })
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal, identity: string | null): void {
    const remoteAddress = addressOf(request)
    const { answer, tooMany } = this.#strangers.refused(request.socket.remoteAddress ?? '?')
    if (answer) refuse(socket, refusal)
    else socket.destroy()
    if (tooMany)
      this.#report({ kind: 'enumeration', remoteAddress, count: this.#limits.refusalsPerMinute + 1 })
    this.#refusals.add({ reason: refusal.reason, identity, remoteAddress })
  }

  #guessed(request: IncomingMessage, identity: string): void {
    const kept = this.#guesses.failed(request.socket.remoteAddress ?? '?', identity)
    const station = this.#stations.get(identity)?.id
    if (kept && station) this.#report({ kind: 'guessing', station, remoteAddress: addressOf(request) })
  }

  #report(event: TransportEvent): void {
    this.#options.onEvent?.(event)
  }

  #passed(frame: TransportFrame): void {
    for (const listener of this.#listeners) listener(frame)
  }
}

const addressOf = ({ socket }: IncomingMessage): string =>
  `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`

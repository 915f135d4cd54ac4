import { type EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { Allowance, type Rate } from '@busbar/contracts/mqtt/allowance.ts'
import { ConnectionLimits } from '@busbar/contracts/mqtt/connection-limits.ts'
import { FrameGuard } from '@busbar/contracts/mqtt/frame-guard.ts'
import { secretFits } from '@busbar/contracts/mqtt/secret-fits.ts'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type Duration, seconds } from '@busbar/units/time.ts'
import { Aedes, type AedesOptions, type Client } from 'aedes'
import { type LanDevice, mayReceive, refuseConnect, refusePublish, refuseSubscribe } from './access-rules.ts'
import { type LanBrokerEvent, quieted } from './lan-broker-event.ts'

export interface LanBrokerOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls: { readonly key: string; readonly cert: string } | null
  readonly devices: readonly LanDevice[]
  readonly clock: Clock
  /** Time from opening a connection to a right password, where five seconds do not suit, such as on a fast clock. */
  readonly signIn?: Duration
  /** A packet of a device on its own topic. */
  readonly onPacket: (device: string, payload: Buffer) => void
  readonly onEvent: (event: LanBrokerEvent) => void
}

/** Room for a full sensor packet with its topic. */
const PACKET_BYTES = 32 * 1024
const RATE: Rate = { packetsPerS: 50, bytesPerS: 256 * 1024, burstS: 3 }
const BOUNDS = { perAddress: 32, inTotal: 512, failures: 10 }
const SIGN_IN = seconds(5)
const BAD_CREDENTIALS = 4

/** The MQTT broker of the depot's LAN. */
export class LanBroker {
  readonly #options: LanBrokerOptions
  readonly #devices: ReadonlyMap<string, LanDevice>
  readonly #limits: ConnectionLimits
  readonly #sockets = new Set<Socket>()
  /** Connections that have not yet shown a right password. */
  readonly #strangers = new Map<object, Timer>()
  readonly #tell: (event: LanBrokerEvent & { address: string }) => void
  #broker: Aedes | undefined
  #server: Server | undefined
  /** Shakes hands on what the server accepted. */
  #secure: TlsServer | null = null

  constructor(options: LanBrokerOptions) {
    this.#options = options
    this.#devices = new Map(options.devices.map((device) => [device.id, device]))
    this.#limits = new ConnectionLimits(options.clock, BOUNDS)
    this.#tell = quieted(options.clock, options.onEvent)
  }

  /** Where it listens: `mqtt://HOST:PORT`, or `mqtts` with TLS. */
  get address(): string {
    const { listen, tls } = this.#options
    const at = this.#server?.address()
    const port = typeof at === 'object' && at ? at.port : listen.port
    return `${tls ? 'mqtts' : 'mqtt'}://${listen.host}:${port}`
  }

  /** Open connections, signed in or not. */
  get connections(): number {
    return this.#sockets.size
  }

  /** @throws DepotError `broker.listen` */
  async start(): Promise<void> {
    await this.#createBroker()
    const { listen, tls } = this.#options
    this.#secure = tls && createTlsServer({ ...tls, minVersion: 'TLSv1.2', handshakeTimeout: SIGN_IN })
    this.#secure?.on('secureConnection', (socket) => this.#serve(socket))
    const server = createServer((socket) => this.#accept(socket))
    this.#server = server
    server.maxConnections = BOUNDS.inTotal
    server.listen(listen.port, listen.host)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new DepotError('broker.listen', `MQTT ${listen.host}:${listen.port}: ${messageOf(cause)}`, {
        cause,
      })
    }
  }

  async stop(): Promise<void> {
    this.#server?.close()
    await this.#closeBroker()
  }

  /** Hands a message to the devices that may read its topic. */
  publish(topic: string, payload: string, retain = false): void {
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 0,
      retain,
      dup: false,
    } as const
    this.#broker?.publish(packet, (error) => {
      if (error) this.#failed(error)
    })
  }

  async #createBroker(): Promise<void> {
    const broker = await Aedes.createBroker(this.#hooks())
    this.#broker = broker
    broker.on('clientReady', (client) => this.#say('connected', client, addressOf(client)))
    broker.on('clientDisconnect', (client) => this.#say('disconnected', client, addressOf(client)))
    broker.on('connectionError', (client, error) => this.#peerFailed(client, error))
    broker.on('clientError', (client, error) => this.#peerFailed(client, error))
    // Its typings leave out the one event that would end the process.
    const emitter: EventEmitter = broker
    emitter.on('error', (error: Error) => this.#failed(error))
  }

  async #closeBroker(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const broker = this.#broker
    this.#broker = undefined
    if (broker) await new Promise<void>((resolve) => broker.close(() => resolve()))
  }

  /** A fault inside the broker costs the connections, never the depot's process. */
  #failed(error: Error): void {
    this.#options.onEvent({ kind: 'failed', device: '', detail: error.message })
    this.#closeBroker()
      .then(() => this.#createBroker())
      .catch((cause) => this.#options.onEvent({ kind: 'failed', device: '', detail: messageOf(cause) }))
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress ?? 'unknown'
    const why = this.#broker === undefined ? 'the broker is starting' : this.#limits.refuse(address)
    if (why !== null || this.#broker === undefined) {
      socket.destroy()
      this.#tell({ kind: 'denied', device: '', detail: `connect: ${why}`, address })
      return
    }
    this.#sockets.add(socket)
    this.#limits.opened(address)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#limits.closed(address)
    })
    // A line that breaks during the handshake concerns nobody.
    socket.on('error', () => undefined)
    if (this.#secure === null) this.#serve(socket)
    else this.#secure.emit('connection', socket)
  }

  #serve(socket: Socket): void {
    const broker = this.#broker
    if (broker === undefined) {
      socket.destroy()
      return
    }
    const { clock } = this.#options
    const allowance = new Allowance(clock, RATE)
    const guard = new FrameGuard(socket, {
      packetBytes: PACKET_BYTES,
      allow: (bytes) => allowance.take(bytes),
    })
    const late = () => guard.destroy(new DepotError('broker.frame', 'connect: nobody signed in in time'))
    this.#strangers.set(guard, clock.timer(this.#options.signIn ?? SIGN_IN, late))
    socket.once('close', () => this.#known(guard))
    broker.handle(guard)
  }

  /** The connection is no stranger's any more, or is gone. */
  #known(connection: object): void {
    this.#strangers.get(connection)?.cancel()
    this.#strangers.delete(connection)
  }

  #hooks(): AedesOptions {
    return {
      keepaliveLimit: 60,
      connectTimeout: SIGN_IN,
      drainTimeout: 15_000,
      maxTopicLevels: 8,
      maxInflightInbound: 1,
      preConnect: (client, packet, done) => {
        const why = refuseConnect(packet)
        if (why) this.#say('denied', client, `connect as ${packet.clientId}: ${why}`)
        done(why ? new DepotError('broker.refused', why) : null, !why)
      },
      authenticate: (client, user, password, done) => {
        if (secretFits(this.#devices.get(user ?? '')?.secrets, password)) {
          this.#known(client.conn)
          return done(null, true)
        }
        this.#limits.failed(addressOf(client))
        this.#say('denied', client, 'connect with wrong credentials')
        const error = new DepotError('broker.refused', 'refused')
        done(Object.assign(error, { returnCode: BAD_CREDENTIALS }), false)
      },
      authorizePublish: (client, packet, done) => {
        const why = client ? refusePublish(client.id, packet) : 'publish without a client'
        if (why) this.#say('denied', client, why)
        done(why ? new DepotError('broker.refused', why) : null)
      },
      authorizeSubscribe: (client, subscription, done) => {
        const why = refuseSubscribe(this.#devices.get(client.id), subscription.topic)
        if (why) this.#say('denied', client, why)
        done(null, why ? null : subscription)
      },
      authorizeForward: (client, packet) =>
        mayReceive(this.#devices.get(client.id), packet.topic) ? packet : null,
      published: (packet, client: Client | null, done) => {
        if (client && this.#devices.has(client.id))
          this.#options.onPacket(client.id, Buffer.from(packet.payload))
        done(null)
      },
    }
  }

  #say(kind: LanBrokerEvent['kind'], client: Client | null, detail: string): void {
    this.#tell({ kind, device: client?.id ?? '', detail, address: client ? addressOf(client) : '' })
  }

  /** Refusals were told where they were decided, and a broken line tells itself by the disconnect. */
  #peerFailed(client: Client, error: Error & { code?: string }): void {
    const known = error.code === 'broker.refused' || error.code?.startsWith('E') === true
    if (!known) this.#say('denied', client, error.message)
  }
}

const addressOf = (client: Client): string =>
  client.conn instanceof FrameGuard ? client.conn.remoteAddress : 'unknown'

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Allowance } from '@busbar/contracts/mqtt/allowance.ts'
import { ConnectionLimits } from '@busbar/contracts/mqtt/connection-limits.ts'
import { FrameGuard } from '@busbar/contracts/mqtt/frame-guard.ts'
import { secretFits } from '@busbar/contracts/mqtt/secret-fits.ts'
import { downTopic, parseDownTopic, parseUpTopic, UP_FILTER } from '@busbar/contracts/sync/topics.ts'
import { SYNC_LIMITS } from '@busbar/contracts/sync/version.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { Aedes, type AedesOptions, type Client } from 'aedes'
import type { Observe } from '../../domain/observation.ts'
import type { DepotLink, DepotMessage } from '../../domain/ports/depot-link.ts'
import { refuseConnect, refusePublish, refuseSubscribe } from './access-rules.ts'

export interface EmbeddedBrokerOptions {
  readonly host: string
  readonly port: number
  readonly tls: { readonly key: string; readonly cert: string } | null
  /** SHA-256 of each password a depot may use; two while one is being replaced. */
  readonly credentials: ReadonlyMap<string, readonly Uint8Array[]>
  readonly clock: Clock
  readonly observe: Observe
}

const BAD_CREDENTIALS = 4
const BOUNDS = { perAddress: 64, inTotal: 4096, failures: 10 }
/** Twenty messages a second, and as many answers to ours. */
const RATE = { packetsPerS: 40, bytesPerS: 1024 * 1024, burstS: 3 }

/** The depots' MQTT broker inside the core: unknown clients and topics are refused, and nothing is ever retained for them. */
export class EmbeddedBroker implements DepotLink {
  readonly #options: EmbeddedBrokerOptions
  readonly #limits: ConnectionLimits
  readonly #sockets = new Set<Socket>()
  #broker: Aedes | undefined
  #server: Server | undefined

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options
    this.#limits = new ConnectionLimits(options.clock, BOUNDS)
  }

  /** Where it listens: `mqtt://HOST:PORT`, or `mqtts` with TLS. */
  get address(): string {
    const at = this.#server?.address()
    const port = typeof at === 'object' && at ? at.port : this.#options.port
    return `${this.#options.tls ? 'mqtts' : 'mqtt'}://${this.#options.host}:${port}`
  }

  async start(deliver: (message: DepotMessage) => void): Promise<void> {
    const broker = await Aedes.createBroker(this.#hooks())
    this.#broker = broker
    await new Promise<void>((resolve) => broker.subscribe(UP_FILTER, receive, resolve))
    // The broker's own view of the sender is not handed on, so topic and payload are compared again by whoever reads.
    function receive(packet: { topic: string; payload: Buffer | string }, done: () => void): void {
      done()
      const topic = parseUpTopic(packet.topic)
      if (topic) deliver({ ...topic, payload: Buffer.from(packet.payload) })
    }
    this.#watch(broker)
    await this.#listen(broker)
  }

  async stop(): Promise<void> {
    this.#server?.close()
    const broker = this.#broker
    if (broker) await new Promise<void>((resolve) => broker.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
  }

  send(depot: string, name: string, payload: string): void {
    const topic = `${downTopic(depot, 'ack').slice(0, -'ack'.length)}${name}`
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: false,
      dup: false,
    } as const
    this.#broker?.publish(packet, (error) => {
      if (error) this.#deny(depot, `send ${name}: ${error.message}`)
    })
  }

  async #listen(broker: Aedes): Promise<void> {
    const { host, port, tls } = this.#options
    const accept = (socket: Socket) => this.#accept(broker, socket)
    const server = tls ? createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, accept) : createServer(accept)
    this.#server = server
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new DepotError('broker.listen', `MQTT ${host}:${port}: ${messageOf(cause)}`, { cause })
    }
  }

  #accept(broker: Aedes, socket: Socket): void {
    const address = socket.remoteAddress ?? 'unknown'
    const refused = this.#limits.refuse(address)
    if (refused) {
      this.#deny('unknown', refused)
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    this.#limits.opened(address)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#limits.closed(address)
    })
    const allowance = new Allowance(this.#options.clock, RATE)
    const allow = (bytes: number) => allowance.take(bytes)
    broker.handle(new FrameGuard(socket, { packetBytes: SYNC_LIMITS.packetBytes, allow }))
  }

  #hooks(): AedesOptions {
    return {
      keepaliveLimit: 60,
      connectTimeout: 5_000,
      drainTimeout: 15_000,
      maxTopicLevels: 8,
      maxInflightInbound: 1,
      preConnect: (client, packet, done) => {
        const why = refuseConnect(packet)
        if (why) this.#deny(packet.clientId, `connect from ${addressOf(client)}: ${why}`)
        done(why ? new DepotError('broker.refused', why) : null, !why)
      },
      authenticate: (client, user, password, done) => {
        if (secretFits(this.#options.credentials.get(user ?? ''), password)) return done(null, true)
        this.#limits.failed(addressOf(client))
        this.#deny(client.id, `connect from ${addressOf(client)}: wrong credentials`)
        done(
          Object.assign(new DepotError('broker.refused', 'refused'), { returnCode: BAD_CREDENTIALS }),
          false,
        )
      },
      authorizePublish: (client, packet, done) => {
        const why = client ? refusePublish(client.id, packet) : 'late will'
        if (why) this.#deny(client?.id ?? 'unknown', why)
        done(why ? new DepotError('broker.refused', why) : null)
      },
      authorizeSubscribe: (client, subscription, done) => {
        const why = refuseSubscribe(client.id, subscription.topic)
        if (why) this.#deny(client.id, why)
        done(null, why ? null : subscription)
      },
      authorizeForward: (client, packet) =>
        parseDownTopic(packet.topic)?.depot === client.id ? packet : null,
    }
  }

  #watch(broker: Aedes): void {
    const { observe } = this.#options
    broker.on('clientReady', (client: Client) =>
      observe({ kind: 'connected', depot: client.id, detail: addressOf(client) }),
    )
    broker.on('clientDisconnect', (client: Client) =>
      observe({ kind: 'disconnected', depot: client.id, detail: 'closed' }),
    )
    broker.on('connectionError', (_client: Client, error: Error) => this.#deny('unknown', error.message))
    broker.on('clientError', (client: Client, error: Error) => {
      // What our own rules refuse is told where they refuse it.
      if (error instanceof DepotError && error.code === 'broker.frame') this.#deny(client.id, error.message)
    })
  }

  #deny(depot: string, detail: string): void {
    this.#options.observe({ kind: 'denied', depot, detail })
  }
}

const addressOf = (client: Client): string =>
  client.conn instanceof FrameGuard ? client.conn.remoteAddress : 'unknown'

import type { Presence } from '@busbar/contracts/sync/presence.ts'
import { downFilter, parseDownTopic, type UpName, upTopic } from '@busbar/contracts/sync/topics.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type Monotonic, seconds } from '@busbar/units/time.ts'
import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import type { LinkLog, Wire } from './wire.ts'

export interface ConnectOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly depot: string
  readonly ca?: string | Buffer
  readonly clock: Clock
  readonly log: LinkLog
  readonly will: Presence
}

export type DownMessage = { readonly name: string; readonly payload: Buffer }
export type ConnectResult =
  | { readonly kind: 'connected'; readonly connection: MqttConnection }
  | { readonly kind: 'credentials' | 'failed'; readonly reason: string }

/** Return codes of a CONNACK: bad user name or password, not authorised. @see MQTT 3.1.1, 3.2.2.3 */
const CREDENTIAL_CODES: readonly unknown[] = [4, 5]
const PUBLISH_DEADLINE = seconds(30)
/** Real time: it watches the network, whatever the depot's clock does. */
const CONNECT_TIMEOUT_MS = 10_000

/** Opens one connection; it never reconnects by itself. */
export function openConnection(options: ConnectOptions, signal: AbortSignal): Promise<ConnectResult> {
  const { url, user, password, depot, ca, will } = options
  const client = connect(url, {
    protocolVersion: 4,
    clientId: depot,
    username: user,
    password,
    clean: true,
    keepalive: 20,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    will: {
      topic: upTopic(depot, 'presence'),
      payload: Buffer.from(JSON.stringify(will)),
      qos: 1,
      retain: true,
    },
    ...(ca !== undefined && { ca }),
  })
  return new Promise((resolve) => {
    let given = false
    const give = (result: ConnectResult) => {
      if (given) return
      given = true
      signal.removeEventListener('abort', abort)
      if (result.kind !== 'connected') client.end(true)
      resolve(result)
    }
    const abort = () => give({ kind: 'failed', reason: 'stopping' })
    signal.addEventListener('abort', abort, { once: true })
    client.once('connect', () => give({ kind: 'connected', connection: new MqttConnection(client, options) }))
    client.on('error', (error) => {
      const refused = 'code' in error && CREDENTIAL_CODES.includes(error.code)
      give({ kind: refused ? 'credentials' : 'failed', reason: messageOf(error) || 'no connection' })
    })
    client.on('close', () => give({ kind: 'failed', reason: 'the connection was closed' }))
  })
}

/** An open connection. Every publish has a deadline, because a refused one is never answered. */
export class MqttConnection implements Wire {
  /** Resolves with why it ended. */
  readonly closed: Promise<string>
  readonly #client: MqttClient
  readonly #depot: string
  readonly #clock: Clock
  readonly #log: LinkLog
  readonly #waiting = new Set<(error: DepotError) => void>()
  #ended: string | null = null
  #received: Monotonic

  constructor(client: MqttClient, { depot, clock, log }: ConnectOptions) {
    this.#client = client
    this.#depot = depot
    this.#clock = clock
    this.#log = log
    this.#received = clock.monotonic()
    const { stream } = client
    // mqtt.js never does it: without, one batch takes 88 ms instead of 9.
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true)
    client.on('packetreceive', () => {
      this.#received = clock.monotonic()
    })
    this.closed = new Promise((resolve) => {
      let reason = 'the connection was closed'
      client.on('error', (error) => {
        reason = messageOf(error)
      })
      client.once('close', () => {
        this.#ended = reason
        for (const fail of this.#waiting) fail(new DepotError('cloud-link.closed', reason))
        resolve(reason)
      })
    })
  }

  /** Subscribes to all that the cloud says to this depot. A retained message is none of its, and is dropped. */
  async subscribe(deliver: (message: DownMessage) => void): Promise<void> {
    this.#client.on('message', (topic: string, payload: Buffer, packet: IPublishPacket) => {
      const down = parseDownTopic(topic)
      if (down?.depot !== this.#depot) return
      if (!packet.retain) return deliver({ name: down.name, payload })
      this.#log.warn({ 'event.name': 'cloud-link.retained', topic }, 'dropped a retained message')
    })
    await this.#orClosed(this.#client.subscribeAsync(downFilter(this.#depot), { qos: 1 }), 'subscribe')
  }

  async publish(name: UpName, payload: Buffer | string, how: { qos: 0 | 1; retain: boolean }): Promise<void> {
    await this.#orClosed(this.#client.publishAsync(upTopic(this.#depot, name), payload, how), name)
  }

  async drained(): Promise<void> {
    const { stream } = this.#client
    if (!stream.writableNeedDrain) return
    await this.#orClosed(new Promise<void>((resolve) => stream.once('drain', () => resolve())), 'drain')
  }

  lastReceived(): Monotonic {
    return this.#received
  }

  /** Ends it: politely with DISCONNECT, or at once so that the will is sent. */
  async end(politely: boolean): Promise<void> {
    await new Promise<void>((resolve) => this.#client.end(!politely, () => resolve()))
    this.#client.stream.destroy()
  }

  async #orClosed<T>(action: Promise<T>, what: string): Promise<T> {
    if (this.#ended !== null) throw new DepotError('cloud-link.closed', `${what}: ${this.#ended}`)
    const failed = Promise.withResolvers<never>()
    const late = () =>
      failed.reject(new DepotError('cloud-link.deadline', `${what}: the broker does not answer`))
    const timer = this.#clock.timer(PUBLISH_DEADLINE, late)
    this.#waiting.add(failed.reject)
    try {
      return await Promise.race([action, failed.promise])
    } finally {
      timer.cancel()
      this.#waiting.delete(failed.reject)
    }
  }
}

import { type Clock, wait } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import { minutes, toIso } from '@busbar/units/time.ts'
import type { CloudLink, CloudLinkState } from '../../domain/ports/cloud-link.ts'
import type { FactLog, LogHead } from '../../domain/ports/fact-log.ts'
import { REFUSED_PAUSE, reconnectPause } from './backoff.ts'
import { type MqttConnection, openConnection } from './mqtt-connection.ts'
import { Progress } from './progress.ts'
import { presence, Session } from './session.ts'
import { StatePublisher } from './state-publisher.ts'
import type { LinkLog } from './wire.ts'

export interface CloudLinkOptions {
  /** `mqtt://` on loopback, `mqtts://` or `wss://` elsewhere. */
  readonly url: string
  /** The depot's id too, as the broker demands. */
  readonly user: string
  readonly password: string
  readonly depot: string
  readonly factLog: FactLog
  readonly clock: Clock
  /** In [0, 1), spreads reconnects. */
  readonly random: () => number
  readonly boot: { readonly bootId: string; readonly bootNo: number; readonly software: string }
  readonly log: LinkLog
  /** Certificate authority of the broker, PEM; the system's when absent. */
  readonly ca?: string | Buffer
}

/** The link to the fleet cloud over MQTT. */
export const createCloudLink = (options: CloudLinkOptions): CloudLink => new MqttCloudLink(options)

/** Real time: stopping must not wait for a broker that is gone. */
const GOODBYE_MS = 2_000
const REPLACED_AFTER = minutes(10)

class MqttCloudLink implements CloudLink {
  readonly #options: CloudLinkOptions
  readonly #progress: Progress
  readonly #publisher: StatePublisher
  readonly #stop = new AbortController()
  #session: Session | undefined
  #connections = 0
  #running: Promise<void> | undefined
  #unlisten: (() => void) | undefined

  constructor(options: CloudLinkOptions) {
    this.#options = options
    this.#progress = new Progress(options)
    this.#publisher = new StatePublisher(options.clock, options.log)
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return
    this.#unlisten = this.#options.factLog.onCommit((head) => {
      this.#progress.committed(head)
      this.#session?.committed(head)
    })
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#unlisten?.()
    this.#stop.abort()
    this.#session?.finish('stopping')
    await this.#running
  }

  state(): CloudLinkState {
    return this.#progress.shown()
  }

  publishState(snapshot: object, urgent: boolean): void {
    this.#publisher.put(snapshot, urgent)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { clock, random, log } = this.#options
    for (let failures = 0; !signal.aborted; ) {
      const end = await this.#once().catch((error) => ({
        welcomed: false,
        refused: false,
        reason: messageOf(error),
      }))
      if (signal.aborted) return
      log.warn({ 'event.name': 'cloud-link.ended' }, end.reason)
      const pause = end.refused ? REFUSED_PAUSE : reconnectPause(end.welcomed ? 0 : failures, random())
      failures = end.welcomed ? 0 : failures + 1
      // The only way this ends early is stop().
      await wait(clock, pause, signal).catch(() => undefined)
    }
  }

  /** One connection from CONNECT to its end. */
  async #once(): Promise<{ welcomed: boolean; refused: boolean; reason: string }> {
    const { factLog } = this.#options
    const head = await factLog.head()
    if (this.#connections === 0) this.#progress.acknowledged(head.acked)
    this.#progress.committed(head.seq)
    const conn = ++this.#connections
    const will = presence(this.#options, { conn, epoch: head.epoch }, false)
    const opened = await openConnection({ ...this.#options, will }, this.#stop.signal)
    if (opened.kind === 'connected') return this.#converse(opened.connection, conn, head)
    if (opened.kind === 'credentials') return this.#refusedCredentials(opened.reason)
    this.#progress.state('offline', opened.reason)
    return { welcomed: false, refused: false, reason: opened.reason }
  }

  async #converse(connection: MqttConnection, conn: number, head: LogHead) {
    const progress = this.#progress
    const session = new Session({
      link: this.#options,
      wire: connection,
      conn,
      progress,
      publisher: this.#publisher,
    })
    this.#session = session
    const end = await session.run()
    this.#session = undefined
    if (this.#stop.signal.aborted) await this.#goodbye(connection, { conn, epoch: head.epoch })
    else await connection.end(false)
    // Any other state says more than that the connection is gone.
    if (!end.refused && (end.welcomed || progress.name === 'connecting'))
      progress.state('offline', end.reason)
    return end
  }

  async #goodbye(connection: MqttConnection, at: { conn: number; epoch: string }): Promise<void> {
    const now = toIso(this.#options.clock.now())
    const last = { ...presence(this.#options, at, false), at: now, reason: 'shutdown' }
    const late = AbortSignal.timeout(GOODBYE_MS)
    const given = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve()))
    try {
      await Promise.race([
        connection.publish('presence', JSON.stringify(last), { qos: 1, retain: true }),
        given,
      ])
      await Promise.race([connection.end(true), given])
    } catch (error) {
      this.#options.log.warn({ 'event.name': 'cloud-link.goodbye' }, messageOf(error))
    }
    if (late.aborted) await connection.end(false)
  }

  #refusedCredentials(reason: string) {
    const { clock } = this.#options
    const long = this.#progress.name === 'refused' && clock.now() - this.#progress.since >= REPLACED_AFTER
    const text = long
      ? 'credentials refused: this controller may have been replaced'
      : `credentials refused: ${reason}`
    this.#progress.state('refused', text)
    return { welcomed: false, refused: true, reason: text }
  }
}

import { AckMessage, type SyncErrorBody } from '@busbar/contracts/sync/ack.ts'
import type { Heartbeat } from '@busbar/contracts/sync/heartbeat.ts'
import { type Hello, Welcome } from '@busbar/contracts/sync/hello.ts'
import type { Presence } from '@busbar/contracts/sync/presence.ts'
import { SYNC_VERSION } from '@busbar/contracts/sync/version.ts'
import { every, type Timer } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import { seconds, toIso } from '@busbar/units/time.ts'
import type { LogHead } from '../../domain/ports/fact-log.ts'
import { compareHeads } from './compare-heads.ts'
import type { CloudLinkOptions } from './create-cloud-link.ts'
import type { Progress } from './progress.ts'
import type { StatePublisher } from './state-publisher.ts'
import { Upload } from './upload.ts'
import type { Wire } from './wire.ts'

/** A connection the session may listen on. */
export interface SessionWire extends Wire {
  readonly closed: Promise<string>
  subscribe(deliver: (message: { readonly name: string; readonly payload: Buffer }) => void): Promise<void>
}

/** How a session ended: `refused` asks for a long pause before the next. */
export interface SessionEnd {
  readonly welcomed: boolean
  readonly refused: boolean
  readonly reason: string
}

export interface SessionOptions {
  readonly link: CloudLinkOptions
  readonly wire: SessionWire
  readonly conn: number
  readonly progress: Progress
  readonly publisher: StatePublisher
}

const WELCOME_TIMEOUT = seconds(10)
const HEARTBEAT = seconds(20)

/** The conversation on one connection: subscribe, presence, hello, state, then facts once the cloud has welcomed us. */
export class Session {
  readonly #o: SessionOptions
  readonly #end = Promise.withResolvers<SessionEnd>()
  #upload: Upload | undefined
  #welcomed = false
  #heartbeats = 0
  #timers: Timer[] = []
  #work: Promise<void> = Promise.resolve()

  constructor(options: SessionOptions) {
    this.#o = options
  }

  /** Runs until the connection or the conversation ends; the caller closes the connection then. */
  async run(): Promise<SessionEnd> {
    const { wire, publisher } = this.#o
    void wire.closed.then((reason) => this.#finish(reason))
    this.#open().catch((error) => this.#finish(messageOf(error)))
    const end = await this.#end.promise
    this.#upload?.stop()
    publisher.detach()
    for (const timer of this.#timers) timer.cancel()
    return end
  }

  finish(reason: string): void {
    this.#finish(reason)
  }

  /** A fact was committed to the log. */
  committed(head: number): void {
    this.#upload?.committed(head)
  }

  async #open(): Promise<void> {
    const { wire, link, publisher } = this.#o
    const head = await link.factLog.head()
    await wire.subscribe(({ name, payload }) => {
      this.#work = this.#work
        .then(() => this.#take(name, payload))
        .catch((error) => this.#finish(messageOf(error)))
    })
    await wire.publish(
      'presence',
      JSON.stringify(presence(link, { conn: this.#o.conn, epoch: head.epoch })),
      {
        qos: 1,
        retain: true,
      },
    )
    this.#timers.push(link.clock.timer(WELCOME_TIMEOUT, () => this.#unanswered()))
    await wire.publish('hello', JSON.stringify(this.#hello(head)), { qos: 1, retain: false })
    publisher.attach(wire, { epoch: head.epoch, boot_id: link.boot.bootId })
    this.#beat(head.epoch)
    this.#timers.push(every(link.clock, HEARTBEAT, () => this.#beat(head.epoch)))
  }

  #hello({ epoch, prevEpoch, seq, acked, floor, hash }: LogHead): Hello {
    const { depot, boot } = this.#o.link
    return {
      proto: { min: SYNC_VERSION, max: SYNC_VERSION },
      depot_id: depot,
      controller_id: null,
      epoch,
      prev_epoch: prevEpoch,
      boot_id: boot.bootId,
      boot_no: boot.bootNo,
      cause: this.#o.conn === 1 ? 'start' : 'reconnect',
      sw: boot.software,
      encodings: ['gzip'],
      lanes: { facts: { head: seq, acked, floor, hash } },
    }
  }

  #beat(epoch: string): void {
    const { link, wire, progress } = this.#o
    const { head, acked, oldestAt } = progress
    const now = link.clock.now()
    const beat: Heartbeat = {
      epoch,
      boot_id: link.boot.bootId,
      n: ++this.#heartbeats,
      at: toIso(now),
      lanes: { facts: { head, acked, oldest_age_s: oldestAt === null ? null : (now - oldestAt) / 1000 } },
      sw: link.boot.software,
    }
    wire
      .publish('heartbeat', JSON.stringify(beat), { qos: 0, retain: false })
      .catch((error) => link.log.warn({ 'event.name': 'cloud-link.heartbeat' }, messageOf(error)))
  }

  async #take(name: string, payload: Buffer): Promise<void> {
    if (name !== 'welcome' && name !== 'ack') return
    const json: unknown = JSON.parse(payload.toString('utf8'))
    if (name === 'welcome') return this.#takeWelcome(Welcome.parse(json))
    const message = AckMessage.parse(json)
    const { epoch } = await this.#o.link.factLog.head()
    if (message.epoch !== epoch || message.lane !== 'facts') return
    if ('error' in message) return this.#takeError(message.error)
    await this.#upload?.acknowledged(message)
  }

  async #takeWelcome(welcome: Welcome): Promise<void> {
    const { link, progress, wire } = this.#o
    const head = await link.factLog.head()
    if (this.#welcomed || welcome.epoch !== head.epoch) return
    this.#welcomed = true
    const cloud = welcome.lanes.facts
    const verdict = await compareHeads(cloud, head, link.factLog)
    if (verdict.go === 'stop') return this.#stopLane(verdict.reason)
    if (verdict.rewound)
      link.log.warn(
        { 'event.name': 'cloud-link.rewound', from: cloud.seq, acked: head.acked },
        'the cloud lost facts, sending again',
      )
    await link.factLog.acknowledge(cloud.seq)
    progress.acknowledged(cloud.seq)
    progress.state('live', null)
    const epoch = head.epoch
    this.#upload = new Upload({
      ...{ depot: link.depot, epoch, bootId: link.boot.bootId, limits: welcome.limits, wire },
      ...{ factLog: link.factLog, clock: link.clock, log: link.log },
      from: { seq: verdict.from, hash: verdict.hash },
      head: Math.max(head.seq, progress.head),
      onAcked: (seq) => progress.acknowledged(seq),
      onOverdue: (overdue) => progress.state(overdue ? 'unacknowledged' : 'live', overdue),
      onStopped: (reason) => this.#stopLane(reason),
      onDead: (reason) => this.#finish(reason),
    })
    this.#upload.start()
  }

  /** The facts lane rests; heartbeat and picture go on, so that the cloud sees the depot and its trouble. */
  #stopLane(reason: string): void {
    this.#o.progress.state('refused', reason)
    this.#o.link.log.error({ 'event.name': 'cloud-link.conflict' }, reason)
  }

  #takeError(error: SyncErrorBody): void {
    const why = refusal(error)
    if (why === null) {
      this.#upload?.refused(error)
      return
    }
    this.#o.progress.state('refused', why)
    this.#finish(why, true)
  }

  #unanswered(): void {
    if (this.#welcomed) return
    const reason = 'the broker is there, the cloud does not answer'
    this.#o.progress.state('unacknowledged', reason)
    this.#finish(reason)
  }

  #finish(reason: string, refused = false): void {
    this.#end.resolve({ welcomed: this.#welcomed, refused, reason })
  }
}

/** Why the cloud will not talk to this controller; null for what the upload settles. */
function refusal(error: SyncErrorBody): string | null {
  switch (error.code) {
    case 'fenced':
      return `another controller has taken this depot over (${error.reason})`
    case 'unknown-epoch':
      return 'the cloud does not know this controller’s data: somebody must approve it there'
    case 'proto':
      return `the cloud speaks versions ${error.min} to ${error.max}, this controller ${SYNC_VERSION}: update needed`
    default:
      return null
  }
}

/** What the depot says of itself on connecting; with `online` false it is the will. */
export function presence(
  link: CloudLinkOptions,
  at: { conn: number; epoch: string },
  online = true,
): Presence {
  const { boot, clock } = link
  const time = online ? toIso(clock.now()) : null
  return { v: 1, online, epoch: at.epoch, boot_id: boot.bootId, conn: at.conn, at: time, sw: boot.software }
}

import { encodePayload } from '@busbar/contracts/sync/batch-codec.ts'
import { SYNC_LIMITS } from '@busbar/contracts/sync/version.ts'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import { type Duration, type Monotonic, milliseconds, seconds } from '@busbar/units/time.ts'
import type { LinkLog, Wire } from './wire.ts'

const SPACING = seconds(5)
const URGENT_SPACING = milliseconds(250)
const REFRESH = seconds(60)

/** Fields that the link knows better than whoever drew the picture. */
export interface SnapshotFrame {
  readonly epoch: string
  readonly boot_id: string
}

/** Keeps the depot's retained picture fresh: the newest one, spaced 5 s, urgent ones at once, anew each minute. */
export class StatePublisher {
  readonly #clock: Clock
  readonly #log: LinkLog
  #latest: object | undefined
  #wire: Wire | undefined
  #frame: SnapshotFrame | undefined
  #n = 0
  #sentAt: Monotonic | undefined
  #timer: Timer | undefined
  #due: number | undefined

  constructor(clock: Clock, log: LinkLog) {
    this.#clock = clock
    this.#log = log
  }

  put(snapshot: object, urgent: boolean): void {
    this.#latest = snapshot
    if (this.#wire) this.#sendAfter(urgent ? URGENT_SPACING : SPACING)
  }

  /** Publishes on this connection from now on, the newest picture at once. */
  attach(wire: Wire, frame: SnapshotFrame): void {
    this.#wire = wire
    this.#frame = frame
    this.#sentAt = undefined
    if (this.#latest) this.#send()
  }

  detach(): void {
    this.#wire = undefined
    this.#timer?.cancel()
    this.#due = undefined
  }

  /** Sends as soon as `spacing` has passed since the last one; an earlier date that is set already stays. */
  #sendAfter(spacing: Duration): void {
    const now = this.#clock.monotonic()
    const at = this.#sentAt === undefined ? now : Math.max(now, this.#sentAt + spacing)
    if (this.#due !== undefined && this.#due <= at) return
    this.#timer?.cancel()
    this.#due = at
    this.#timer = this.#clock.timer(milliseconds(at - now), () => this.#send())
  }

  #send(): void {
    const wire = this.#wire
    if (!wire || !this.#latest) return
    const now = this.#clock.monotonic()
    const text = JSON.stringify({ ...this.#latest, v: 1, ...this.#frame, n: ++this.#n })
    this.#timer?.cancel()
    this.#due = undefined
    this.#sentAt = now
    this.#sendAfter(REFRESH)
    this.#publish(wire, text).catch((error) =>
      this.#log.warn({ 'event.name': 'cloud-link.state' }, messageOf(error)),
    )
  }

  async #publish(wire: Wire, text: string): Promise<void> {
    if (Buffer.byteLength(text) > SYNC_LIMITS.stateBytes)
      return this.#log.error(
        { 'event.name': 'cloud-link.state' },
        `picture of ${text.length} bytes is too large, not sent`,
      )
    const payload = await encodePayload(text)
    if (wire === this.#wire) await wire.publish('state', payload, { qos: 1, retain: true })
  }
}

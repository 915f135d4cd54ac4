import type { SensorPacket } from '@busbar/contracts/sensors/sensor-packet.ts'
import {
  between,
  type Duration,
  fromIso,
  type Instant,
  later,
  type Monotonic,
  seconds,
} from '@busbar/units/time.ts'

/** When something was measured, on both of our clocks. */
export interface Stamp {
  readonly measuredAt: Instant
  readonly measuredAtMonotonic: Monotonic
}

export type Placing =
  | { readonly kind: 'new'; readonly stamp: Stamp; readonly missed: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }

/** How far a synced clock may run ahead of ours. */
const AHEAD = seconds(2)
/** Older values drive nothing any more. */
const TOO_OLD = seconds(60)
/** How far an unsynced clock may drift from ours: 1 ms in a second. */
const DRIFT = 0.001
const REMEMBERED_PACKETS = 64
const REMEMBERED_BOOTS = 16

type Now = { readonly wall: Instant; readonly monotonic: Monotonic }
type Header = Pick<SensorPacket, 'packet_id' | 'seq' | 'boot_id' | 'sampled_at' | 'clock'>

interface Boot {
  readonly id: string
  seq: number
  sampledAt: Instant
  clock: SensorPacket['clock']
  /** Smallest seen of our monotonic time less the source's time: what an undelayed packet shows. */
  offset: number
  offsetAt: Monotonic
}

/**
 * The order of one source's packets. A packet is used once, and only if it is newer than the one before: in sequence
 * and in the source's own time. Values age from when the source measured them: by a synced clock against ours, by an
 * unsynced one against its quickest packet; a packet never counts as younger than its arrival.
 */
export class PacketOrder {
  #boot: Boot | undefined
  #latest: Instant | undefined
  readonly #packets = new Map<string, number>()
  readonly #formerBoots = new Set<string>()

  /** Places a packet that arrived now; only a new one moves the order on. */
  place(packet: Header, now: Now): Placing {
    if (this.#packets.get(packet.packet_id) === packet.seq) return { kind: 'duplicate' }
    const sampledAt = fromIso(packet.sampled_at)
    const boot = this.#boot?.id === packet.boot_id ? this.#boot : undefined
    const refused = this.#refuse(packet, { sampledAt, boot, now })
    if (refused) return refused
    const next = this.#next(packet, { sampledAt, boot, now })
    const age = packet.clock === 'synced' ? between(sampledAt, now.wall) : ageByOffset(next, sampledAt, now)
    if (age > TOO_OLD) return refusal('too-old', `measured ${(age / 1000).toFixed(1)} s ago`)
    this.#remember(packet, next)
    return {
      kind: 'new',
      stamp: stampOf(Math.max(0, age), packet, { sampledAt, now }),
      missed: boot ? packet.seq - boot.seq - 1 : 0,
    }
  }

  #refuse(packet: Header, of: { sampledAt: Instant; boot: Boot | undefined; now: Now }): Placing | undefined {
    const { sampledAt, boot, now } = of
    if (this.#formerBoots.has(packet.boot_id))
      return refusal('out-of-order', `boot ${packet.boot_id} has ended`)
    if (boot && packet.seq <= boot.seq)
      return refusal('out-of-order', `sequence ${packet.seq} after ${boot.seq}`)
    const ahead = between(now.wall, sampledAt)
    if (packet.clock === 'synced' && ahead > AHEAD)
      return refusal('future', `measured ${(ahead / 1000).toFixed(1)} s in the future`)
    // A clock that has just been set may go back; one that was right before may not.
    const setNow = boot?.clock === 'unsynced' && packet.clock === 'synced'
    const before = setNow
      ? undefined
      : (boot?.sampledAt ?? (packet.clock === 'synced' ? this.#latest : undefined))
    if (before !== undefined && sampledAt <= before)
      return refusal('out-of-order', `measured at ${packet.sampled_at}, not after the packet before`)
    return undefined
  }

  #next(packet: Header, of: { sampledAt: Instant; boot: Boot | undefined; now: Now }): Boot {
    const { sampledAt, boot, now } = of
    const shown = now.monotonic - sampledAt
    const known =
      boot?.clock === packet.clock ? boot.offset + between(boot.offsetAt, now.monotonic) * DRIFT : shown
    return {
      id: packet.boot_id,
      seq: packet.seq,
      sampledAt,
      clock: packet.clock,
      offset: Math.min(known, shown),
      offsetAt: now.monotonic,
    }
  }

  #remember(packet: Header, next: Boot): void {
    if (this.#boot && this.#boot.id !== next.id) keep(this.#formerBoots, this.#boot.id)
    this.#boot = next
    if (packet.clock === 'synced') this.#latest = next.sampledAt
    this.#packets.set(packet.packet_id, packet.seq)
    for (const oldest of this.#packets.keys())
      if (this.#packets.size > REMEMBERED_PACKETS) this.#packets.delete(oldest)
      else break
  }
}

const refusal = (code: string, reason: string): Placing => ({ kind: 'refused', code, reason })

const ageByOffset = (boot: Boot, sampledAt: Instant, now: Now): Duration =>
  (now.monotonic - sampledAt - boot.offset) as Duration

function stampOf(age: number, packet: Header, { sampledAt, now }: { sampledAt: Instant; now: Now }): Stamp {
  const measuredAtMonotonic = (now.monotonic - age) as Monotonic
  // A synced source's time is kept as it is; it is at most a little ahead of ours.
  if (packet.clock === 'synced') return { measuredAt: sampledAt, measuredAtMonotonic }
  return { measuredAt: later(now.wall, -age as Duration), measuredAtMonotonic }
}

function keep(set: Set<string>, value: string): void {
  set.add(value)
  for (const oldest of set)
    if (set.size > REMEMBERED_BOOTS) set.delete(oldest)
    else break
}

import { SensorPacket } from '@busbar/contracts/sensors/sensor-packet.ts'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import type { MeterId } from '@busbar/model/ids.ts'
import type { Duration, Monotonic } from '@busbar/units/time.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import type { MeterReadings } from '../../domain/ports/meter-readings.ts'
import { PacketOrder } from './packet-order.ts'
import { doubtful, type ReadingRules, steeringValues, toValues, type Values } from './packet-values.ts'

/** A meter whose values a device on the LAN sends. */
export interface SensorSource extends ReadingRules {
  readonly meter: MeterId
  /** Source id of the device. */
  readonly source: string
  /** How often it sends. */
  readonly period: Duration
  /** Why values cannot be true; undefined when they may be. */
  readonly implausible: (values: Values) => string | undefined
}

export interface SensorMetersOptions {
  readonly depot: string
  readonly sources: readonly SensorSource[]
  readonly clock: Clock
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void }
}

/** Totals since the start. */
export interface SensorActivity {
  readonly packets: number
  readonly readings: number
  readonly refused: number
  readonly duplicates: number
  /** Packets that never came, by the gaps in sequences. */
  readonly missed: number
}

export type SensorMeters = MeterReadings & {
  /** Takes a packet that `device` has published on its own topic. */
  take(device: string, payload: Uint8Array): void
  activity(): SensorActivity
}

type Deliver = Parameters<MeterReadings['start']>[0]
type Outcome = Parameters<Deliver>[0] | 'duplicate'

/** Silence of this many periods is a failure; then each further period is one. */
const SILENT_PERIODS = 2

/** Meters that are not asked but tell. Every packet that is used becomes a reading; silence and bad packets are failures. */
export function createSensorMeters(options: SensorMetersOptions): SensorMeters {
  return new ToldMeters(options)
}

interface Told {
  readonly source: SensorSource
  readonly order: PacketOrder
  /** Steering values this source has ever given: one that is missing later would leave its old value standing. */
  readonly given: Set<string>
  state: string
  heardAt: Monotonic
  timer: Timer | undefined
}

class ToldMeters implements SensorMeters {
  readonly #options: SensorMetersOptions
  readonly #told: ReadonlyMap<string, Told>
  readonly #counts = { packets: 0, readings: 0, refused: 0, duplicates: 0, missed: 0 }
  #deliver: Deliver | undefined

  constructor(options: SensorMetersOptions) {
    this.#options = options
    const heardAt = options.clock.monotonic()
    const fresh = (source: SensorSource): Told => ({
      source,
      order: new PacketOrder(),
      given: new Set(),
      state: '',
      heardAt,
      timer: undefined,
    })
    this.#told = new Map(options.sources.map((source) => [source.source, fresh(source)]))
  }

  async start(deliver: Deliver): Promise<void> {
    this.#deliver = deliver
    for (const told of this.#told.values()) {
      told.heardAt = this.#options.clock.monotonic()
      this.#expect(told, SILENT_PERIODS)
    }
  }

  async stop(): Promise<void> {
    this.#deliver = undefined
    for (const told of this.#told.values()) told.timer?.cancel()
  }

  activity(): SensorActivity {
    return { ...this.#counts }
  }

  take(device: string, payload: Uint8Array): void {
    this.#counts.packets += 1
    const told = this.#told.get(device)
    if (told === undefined || this.#deliver === undefined) return
    const outcome = this.#read(told, payload)
    if (outcome === 'duplicate') {
      this.#counts.duplicates += 1
      return
    }
    if ('reading' in outcome) {
      this.#counts.readings += 1
      told.heardAt = this.#options.clock.monotonic()
    } else this.#counts.refused += 1
    this.#expect(told, SILENT_PERIODS)
    this.#hand(told, outcome)
  }

  #read(told: Told, payload: Uint8Array): Outcome {
    const { depot, clock } = this.#options
    const { source, order, given } = told
    const parsed = parse(payload)
    if ('fault' in parsed) return this.#failure(source, 'bad-packet', parsed.fault)
    const { packet } = parsed
    if (packet.source_id !== source.source)
      return this.#failure(source, 'foreign', `packet of source ${packet.source_id}`)
    if (packet.depot_id !== depot)
      return this.#failure(source, 'foreign', `packet for depot ${packet.depot_id}`)
    const placed = order.place(packet, { wall: clock.now(), monotonic: clock.monotonic() })
    if (placed.kind === 'duplicate') return 'duplicate'
    if (placed.kind === 'refused') return this.#failure(source, placed.code, placed.reason)
    this.#counts.missed += placed.missed
    const doubt = doubtful(packet)
    if (doubt !== undefined) return this.#failure(source, 'doubtful', doubt)
    const steering = steeringValues(packet)
    for (const name of given)
      if (!steering.includes(name)) return this.#failure(source, 'incomplete', `${name} is missing`)
    const values = toValues(packet, source)
    if (Object.keys(values).length === 0)
      return this.#failure(source, 'no-values', 'no good value of a meter in the packet')
    const reason = source.implausible(values)
    if (reason !== undefined) return this.#failure(source, 'implausible', reason)
    for (const name of steering) given.add(name)
    return { reading: { meter: source.meter, ...placed.stamp, ...values } satisfies MeterReading }
  }

  #failure(source: SensorSource, code: string, reason: string): Outcome {
    return { failure: { meter: source.meter, at: this.#options.clock.monotonic(), code, reason } }
  }

  /** Waits for the next packet to be used. */
  #expect(told: Told, periods: number): void {
    const { clock } = this.#options
    told.timer?.cancel()
    told.timer = clock.timer((told.source.period * periods) as Duration, () => {
      const silentS = (clock.monotonic() - told.heardAt) / 1000
      this.#expect(told, 1)
      const outcome = this.#failure(
        told.source,
        'timeout',
        `no packet that can be used for ${silentS.toFixed(1)} s`,
      )
      if (outcome !== 'duplicate') this.#hand(told, outcome)
    })
  }

  #hand(told: Told, outcome: Exclude<Outcome, 'duplicate'>): void {
    const { log } = this.#options
    const state = 'failure' in outcome ? outcome.failure.code : 'good'
    // Each change of state is told, not each packet.
    if (state !== told.state) {
      told.state = state
      const fields = { meter: told.source.meter, source: told.source.source }
      if ('failure' in outcome)
        log.warn({ ...fields, code: state, reason: outcome.failure.reason }, 'meter gives no reading')
      else log.info(fields, 'meter gives readings')
    }
    this.#deliver?.(outcome)
  }
}

function parse(payload: Uint8Array): { packet: SensorPacket } | { fault: string } {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'not JSON' }
    throw error
  }
  const parsed = SensorPacket.safeParse(value)
  if (parsed.success) return { packet: parsed.data }
  const [first] = parsed.error.issues
  return { fault: `${first?.path.join('.') || 'packet'}: ${first?.message}` }
}

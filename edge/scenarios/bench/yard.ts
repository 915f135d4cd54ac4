import { fileURLToPath } from 'node:url'
import { every, type Timer } from '@busbar/model/clock.ts'
import { PHASES, perPhase } from '@busbar/units/per-phase.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { SimulatorClock } from '../../simulators/clock.ts'
import { readSimulation } from '../../simulators/depot/read-config.ts'
import { startVirtualMeter, type VirtualMeter } from '../../simulators/meter/virtual-meter.ts'
import { seededRandom, within } from '../../simulators/random.ts'
import { type ConnectedVehicle, NO_DRAW, type Offer } from '../../simulators/station/connected-vehicle.ts'
import { VirtualStation } from '../../simulators/station/virtual-station.ts'
import { secretOf, stationIds, tokenOf } from './depot-process.ts'

const DEMO = fileURLToPath(new URL('../../../deploy/demo/simulation.yaml', import.meta.url))
/** Stations run in groups one after the other, so that their meter values come spread and not as one burst. */
const GROUPS = 21
const GROUP_MS = 25

/** What stations do wrong: draw what they like, refuse or never answer limits, tell starts twice, live in 1970. */
const ODDITIES: readonly ((station: VirtualStation) => void)[] = [
  (station) => station.misbehave({ ignoresLimits: true }),
  (station) => station.misbehave({ rejectsProfiles: 'transaction' }),
  (station) => station.silence('SetChargingProfile'),
  (station) => station.misbehave({ startsTwice: true, losesProfiles: true }),
  (station) => station.misbehave({ clock: 'epoch', rejectsComposite: true }),
]

/** No limit for so long, a tick and a half, ends a wave in which some stations keep their limit. */
const OVER_MS = 1500

/** What came of one rise of the building load, in real ms: until the meter was asked, the first limit came, the last. */
export interface Wave {
  readonly asked: number
  readonly first: number
  readonly last: number
  /** How many got one. */
  readonly stations: number
}

/** The hardware of the bench: virtual stations with a vehicle each, and the site meter beside them. */
export class Yard {
  readonly #clock = new SimulatorClock()
  readonly #buildingA: { now: number }
  readonly meter: VirtualMeter
  #stations: readonly VirtualStation[] = []
  #sound: readonly VirtualStation[] = []
  #timer: Timer | undefined
  #wave: { rose: number; asked: number; limits: Map<string, number>; done: (wave: Wave) => void } | undefined
  #lastLimit = 0

  /** @param startA building load, A per conductor */
  static async start(startA: number): Promise<Yard> {
    const { meter } = await readSimulation(DEMO)
    const asked: { tell: () => void } = { tell: () => undefined }
    const load = { now: startA, vehicles: () => 0, importWh: 0, at: performance.now() }
    const picture = () => {
      asked.tell()
      const current = load.now + load.vehicles()
      const now = performance.now()
      load.importWh += (3 * 230 * current * (now - load.at)) / 3_600_000
      load.at = now
      return {
        currentA: perPhase(() => current),
        voltageV: perPhase(() => 230),
        powerFactor: 1,
        // A grid never stands still; a meter whose every value does is taken for frozen.
        frequencyHz: 50 + within(flicker, -0.02, 0.02),
        importWh: load.importWh,
        exportWh: 0,
      }
    }
    const flicker = seededRandom(50)
    const virtual = await startVirtualMeter({
      profile: meter.profile,
      host: '127.0.0.1',
      port: 0,
      unit: 1,
      picture,
    })
    const yard = new Yard(virtual, load)
    asked.tell = () => yard.#asked()
    load.vehicles = () => yard.#drawA()
    return yard
  }

  private constructor(meter: VirtualMeter, buildingA: { now: number }) {
    this.meter = meter
    this.#buildingA = buildingA
  }

  /**
   * Connects `count` stations; their vehicles are plugged in and want all they can get. The last `odd` of them misbehave,
   * each fifth in another way; waves are those of the sound ones.
   */
  open(count: number, ocppUrl: string, odd = 0): void {
    const sound = count - odd
    this.#stations = stationIds(count).map((id, n) => {
      const station = new VirtualStation(
        {
          id,
          rating: { kind: 'ac', value: 32, phases: 3 },
          rotation: [...PHASES],
          secret: secretOf(id),
          meterIntervalS: 1,
        },
        {
          clock: this.#clock,
          random: seededRandom(n),
          ocppUrl,
          record: (kind, detail) => {
            if (n < sound && kind === 'profile-set' && detail.purpose === 'TxProfile') this.#limited(id)
          },
          acknowledged: () => undefined,
        },
      )
      if (n >= sound) ODDITIES[n % ODDITIES.length]?.(station)
      station.plugIn(new HungryVehicle(id))
      station.start()
      return station
    })
    this.#sound = this.#stations.slice(0, sound)
    let group = 0
    this.#timer = every(this.#clock, milliseconds(GROUP_MS), () => this.#step(group++ % GROUPS))
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    for (const station of this.#stations) station.stop()
    await this.meter.stop()
  }

  /** Limits now in force at sound stations, A, in their order. */
  get offeredA(): readonly (number | null)[] {
    return this.#sound.map((station) => station.offered)
  }

  /** Since any station got a limit, real ms. */
  get quietMs(): number {
    return performance.now() - this.#lastLimit
  }

  /** The building takes `a` more on each conductor. */
  add(a: number): void {
    this.#buildingA.now += a
  }

  /** The same; resolves when every station that gives way has its new limit. */
  rise(a: number): Promise<Wave> {
    return new Promise((done) => {
      this.add(a)
      this.#wave = { rose: performance.now(), asked: Number.NaN, limits: new Map(), done }
    })
  }

  #asked(): void {
    if (this.#wave && Number.isNaN(this.#wave.asked)) this.#wave.asked = performance.now()
  }

  #limited(station: string): void {
    this.#lastLimit = performance.now()
    const wave = this.#wave
    if (wave === undefined || wave.limits.has(station)) return
    wave.limits.set(station, this.#lastLimit)
    if (wave.limits.size === this.#sound.length) this.#over()
  }

  #over(): void {
    const wave = this.#wave
    if (wave === undefined) return
    this.#wave = undefined
    const times = [...wave.limits.values()].map((at) => at - wave.rose)
    const [first = Number.NaN] = times
    wave.done({
      asked: wave.asked - wave.rose,
      first,
      last: times.at(-1) ?? Number.NaN,
      stations: times.length,
    })
  }

  #drawA(): number {
    return this.#stations.reduce((sum, station) => sum + station.read().currentA[0], 0)
  }

  #step(group: number): void {
    if (this.#wave && this.#wave.limits.size > 0 && this.quietMs > OVER_MS) this.#over()
    const at = this.#clock.now()
    const dtS = (GROUPS * GROUP_MS) / 1000
    for (let n = group; n < this.#stations.length; n += GROUPS)
      this.#stations[n]?.step(at, dtS, [230, 230, 230])
  }
}

/** Takes at once nearly all it is offered, and is never full. */
class HungryVehicle implements ConnectedVehicle {
  readonly id: string
  readonly idToken: string
  readonly socPct = 50
  readonly full = false

  constructor(station: string) {
    this.id = `V-${station}`
    this.idToken = tokenOf(station)
  }

  charge(offer: Offer | null) {
    if (offer?.kind !== 'ac' || offer.limitA < 6) return NO_DRAW
    const current = offer.limitA * 0.998
    return { currentA: [current, current, current] as const, powerW: 3 * 230 * current }
  }
}

import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { PerPhase } from '@busbar/units/per-phase.ts'
import { type Instant, instant, seconds, toIso } from '@busbar/units/time.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import type { MeterPicture } from '../meter/meter-picture.ts'
import type { LineEnd, VirtualLine } from '../meter/virtual-line.ts'
import { startVirtualMeter, type VirtualMeter } from '../meter/virtual-meter.ts'
import { type Random, seededRandom, within } from '../random.ts'
import type { Receipt } from '../station/transaction-queue.ts'
import type { StationActivity } from '../station/uplink.ts'
import { type StationPlan, VirtualStation } from '../station/virtual-station.ts'
import { Building, type BuildingPlan } from './building.ts'
import { DepartureNotices } from './departures.ts'
import type { FeederLinePlan } from './feeder-meter.ts'
import { type DepotEvent, History } from './history.ts'
import { LocalTime } from './local-time.ts'
import { MeterLines } from './meter-lines.ts'
import { atStation, Plant, type StationLoad } from './plant.ts'
import { nextStay, type Stay, type VisitPlan } from './timetable.ts'
import { AC_EFFICIENCY, Vehicle, type VehiclePlan } from './vehicle.ts'

export interface VirtualDepotOptions {
  readonly seed: number
  /** IANA zone of visits and building load; UTC when absent. */
  readonly timeZone?: string
  /** Address without the identity, e.g. `ws://127.0.0.1:9000/ocpp`. */
  readonly ocppUrl: string
  /** LAN API that hears of departures; without it none are announced. */
  readonly api?: { readonly url: string; readonly token?: string }
  readonly meter: {
    readonly profile: MeterProfile
    readonly host?: string
    /** 0 takes any free port. */
    readonly port: number
    readonly unit: number
    /** How it is reached; Modbus TCP when absent. */
    readonly kind?: LineEnd['kind']
  }
  /** Further meters, each of some stations. */
  readonly feederLines?: readonly FeederLinePlan[]
  readonly stations: readonly StationPlan[]
  readonly building: BuildingPlan
  /** Vehicles that come and go by themselves. */
  readonly fleet: readonly FleetVehicle[]
  /** Entries kept of events and of receipts; 500,000 when absent. */
  readonly keep?: number
}

/** A vehicle with its daily stays; SoC at arrival is the stay's. */
export interface FleetVehicle {
  readonly vehicle: Omit<VehiclePlan, 'socPct'>
  readonly visits: readonly VisitPlan[]
}

export interface VirtualDepotDeps {
  readonly clock: Clock
  readonly onEvent?: (event: DepotEvent) => void
}

export interface VirtualDepot {
  /** Listens as the meter and dials as the stations. */
  start(): Promise<void>
  stop(): Promise<void>
  /** @throws DepotError `simulator.unknown-station` */
  station(id: string): VirtualStation
  readonly stations: readonly VirtualStation[]
  readonly meter: VirtualMeter
  readonly meterPort: number
  /** Each line with meters by its id; that of the site meter is `site`. */
  meterLines(): ReadonlyMap<string, VirtualLine>
  /** A vehicle to plug in by hand. */
  vehicle(plan: VehiclePlan): Vehicle
  /** W in all, or for each conductor; null returns to the curve. */
  setBuilding(load: number | PerPhase<number> | null): void
  events(): readonly DepotEvent[]
  /** Every transaction message that the CSMS has acknowledged. */
  receipts(): readonly Receipt[]
  activity(): StationActivity
  /** True current at the grid connection, A per conductor, building included. */
  drawA(): PerPhase<number>
}

/** Makes a depot of virtual stations, vehicles and a site meter; `start()` sets it going. */
export function startVirtualDepot(options: VirtualDepotOptions, deps: VirtualDepotDeps): VirtualDepot {
  return new Depot(options, deps)
}

interface Guest {
  readonly plan: FleetVehicle
  readonly random: Random
  stay: Stay | null
  present: boolean
}

const STEP_MS = 1000
/** Further behind than this (a machine that slept), the plant catches up in longer steps. */
const BEHIND_MS = 300_000
const LONG_STEP_MS = 10_000

class Depot implements VirtualDepot {
  readonly stations: readonly VirtualStation[]
  readonly #options: VirtualDepotOptions
  readonly #clock: Clock
  readonly #random: Random
  readonly #history: History
  readonly #time: LocalTime
  readonly #building: Building
  readonly #plant: Plant
  readonly #notices: DepartureNotices | null
  readonly #feeders: MeterLines
  readonly #byId: ReadonlyMap<string, VirtualStation>
  readonly #guests: readonly Guest[]
  #meter: VirtualMeter | null = null
  #ticker: Timer | null = null
  #at: Instant
  #vehicles = 0

  constructor(options: VirtualDepotOptions, { clock, onEvent }: VirtualDepotDeps) {
    this.#options = options
    this.#clock = clock
    this.#random = seededRandom(options.seed)
    this.#history = new History(options.keep ?? 500_000, onEvent)
    this.#time = new LocalTime(options.timeZone ?? 'UTC')
    this.#building = new Building(options.building, this.#random.fork('building'), (at) =>
      this.#time.offsetMs(at),
    )
    this.#plant = new Plant(Math.floor(within(this.#random.fork('meter'), 1e8, 9e8)))
    this.stations = options.stations.map((plan) => this.#newStation(plan))
    this.#byId = new Map(this.stations.map((station) => [station.id, station]))
    this.#feeders = new MeterLines(
      options.feederLines ?? [],
      { load: (id) => loadOf(this.station(id)), picture: () => this.#picture() },
      this.#random.fork('feeder-meters'),
    )
    const { api } = options
    const record = (kind: string, detail: DepotEvent['detail']) => this.#record('depot', kind, detail)
    this.#notices = api ? new DepartureNotices({ clock, url: api.url, token: api.token, record }) : null
    this.#guests = options.fleet.map((plan) => ({
      plan,
      random: this.#random.fork(`fleet/${plan.vehicle.id}`),
      stay: null,
      present: false,
    }))
    this.#at = clock.now()
  }

  async start(): Promise<void> {
    const { meter } = this.#options
    this.#meter = await startVirtualMeter({
      profile: meter.profile,
      host: meter.host ?? '127.0.0.1',
      port: meter.port,
      unit: meter.unit,
      kind: meter.kind ?? 'tcp',
      clock: this.#clock,
      picture: () => this.#picture(),
    })
    await this.#feeders.start(this.#clock)
    this.#at = this.#clock.now()
    for (const guest of this.#guests) this.#expect(guest, this.#at)
    this.#announce(this.#guests)
    this.#comeAndGo(this.#at)
    for (const station of this.stations) station.start()
    this.#ticker = every(this.#clock, seconds(1), () => this.#stepTo(this.#clock.now()))
  }

  async stop(): Promise<void> {
    this.#ticker?.cancel()
    this.#notices?.stop()
    for (const station of this.stations) station.stop()
    await this.#meter?.stop()
    await this.#feeders.stop()
  }

  station(id: string): VirtualStation {
    const station = this.#byId.get(id)
    if (!station) throw new DepotError('simulator.unknown-station', `no virtual station "${id}"`)
    return station
  }

  get meter(): VirtualMeter {
    if (!this.#meter) throw new DepotError('simulator.not-started', 'the virtual depot has not been started')
    return this.#meter
  }

  get meterPort(): number {
    return this.meter.port
  }

  meterLines(): ReadonlyMap<string, VirtualLine> {
    return new Map<string, VirtualLine>([['site', this.meter], ...this.#feeders.all()])
  }

  vehicle(plan: VehiclePlan): Vehicle {
    return new Vehicle(plan, this.#random.fork(`vehicle/${plan.id}/${++this.#vehicles}`))
  }

  setBuilding(load: number | PerPhase<number> | null): void {
    this.#building.set(load)
  }

  events(): readonly DepotEvent[] {
    return this.#history.events()
  }

  receipts(): readonly Receipt[] {
    return this.#history.receipts()
  }

  activity(): StationActivity {
    const all = this.stations.map((station) => station.activity())
    const sum = (of: (activity: StationActivity) => number) => all.reduce((total, one) => total + of(one), 0)
    return {
      framesSent: sum((one) => one.framesSent),
      framesReceived: sum((one) => one.framesReceived),
      callsPending: sum((one) => one.callsPending),
      connecting: all.some((one) => one.connecting),
      busy: all.some((one) => one.busy) || (this.#notices?.busy ?? false),
    }
  }

  drawA(): PerPhase<number> {
    return this.#plant.currentA(this.#loads(), this.#building.loadW(this.#clock.now()))
  }

  #stepTo(now: Instant): void {
    if (now < this.#at - BEHIND_MS) this.#at = now
    while (this.#at + STEP_MS <= now) {
      const stepMs = now - this.#at > BEHIND_MS ? LONG_STEP_MS : STEP_MS
      this.#at = instant(this.#at + stepMs)
      this.#step(this.#at, stepMs / 1000)
    }
  }

  #step(at: Instant, dtS: number): void {
    this.#comeAndGo(at)
    const { voltageV } = this.#plant
    for (const station of this.stations) station.step(at, dtS, atStation(voltageV, station.plan.rotation))
    this.#plant.step(this.#loads(), this.#building.loadW(at), dtS)
    this.#feeders.step(this.#plant.voltageV, dtS)
  }

  #picture(): MeterPicture {
    return this.#plant.picture(this.#loads(), this.#building.loadW(this.#clock.now()))
  }

  #loads(): readonly StationLoad[] {
    return this.stations.map(loadOf)
  }

  #comeAndGo(at: Instant): void {
    for (const guest of this.#guests) {
      const { stay } = guest
      if (stay && at >= stay.departure) this.#leave(guest, stay)
      else if (stay && !guest.present && at >= stay.arrival) this.#arrive(guest, stay)
    }
  }

  #arrive(guest: Guest, stay: Stay): void {
    const station = this.station(stay.station)
    if (station.vehicle) return
    guest.present = true
    const plan = { ...guest.plan.vehicle, socPct: stay.socPct }
    station.plugIn(new Vehicle(plan, guest.random.fork(`stay/${stay.arrival}`)))
  }

  #leave(guest: Guest, stay: Stay): void {
    const station = this.station(stay.station)
    if (guest.present && station.vehicle?.id === guest.plan.vehicle.id) station.unplug()
    guest.present = false
    this.#expect(guest, stay.departure)
    this.#announce([guest])
  }

  #expect(guest: Guest, after: Instant): void {
    guest.stay = nextStay(guest.plan.visits, after, { time: this.#time, random: guest.random })
  }

  #announce(guests: readonly Guest[]): void {
    const departures = guests.flatMap(({ plan, stay }) =>
      stay
        ? [
            {
              vehicle: plan.vehicle.id,
              departure_at: toIso(stay.departure),
              ...this.#needOf(plan, stay),
            },
          ]
        : [],
    )
    if (departures.length > 0) this.#notices?.announce(departures)
  }

  /** A DC station tells the state of charge, so a share of it can be asked; an AC one does not: there it is energy. */
  #needOf({ vehicle }: FleetVehicle, stay: Stay): { soc_needed_pct: number } | { energy_needed_wh: number } {
    if (this.station(stay.station).plan.rating.kind === 'dc') return { soc_needed_pct: stay.socNeededPct }
    const share = Math.max(0, stay.socNeededPct - stay.socPct) / 100
    return { energy_needed_wh: Math.round((share * vehicle.batteryWh) / AC_EFFICIENCY) }
  }

  #newStation(plan: StationPlan): VirtualStation {
    return new VirtualStation(plan, {
      clock: this.#clock,
      random: this.#random.fork(`station/${plan.id}`),
      ocppUrl: this.#options.ocppUrl,
      record: (kind, detail) => this.#record(plan.id, kind, detail),
      acknowledged: (receipt) => this.#history.acknowledge(receipt),
    })
  }

  #record(subject: string, kind: string, detail: DepotEvent['detail']): void {
    this.#history.add({ at: this.#clock.now(), subject, kind, detail })
  }
}

const loadOf = (station: VirtualStation): StationLoad => ({
  currentA: station.read().currentA,
  powerFactor: station.powerFactor,
  rotation: station.plan.rotation,
})

import type { Clock } from '@busbar/model/clock.ts'
import {
  as,
  type Epoch,
  type IdToken,
  type MeterId,
  type StationId,
  type VehicleId,
} from '@busbar/model/ids.ts'
import { amps, percent, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { perPhase } from '@busbar/units/per-phase.ts'
import { type Duration, seconds } from '@busbar/units/time.ts'
import type { Fleet } from '../../domain/charging/vehicle.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { Fact, FactType, FactTypes } from '../../domain/facts.ts'
import type { InputOf, StationCapabilities } from '../../domain/inputs.ts'
import { createMemoryDecisionLog } from '../../domain/ports/decision-log.memory.ts'
import { storedFact } from '../../domain/ports/fact-line.ts'
import type { Planner } from '../../domain/ports/planner.ts'
import { createMemoryStore } from '../../domain/ports/projections.memory.ts'
import type { RequestEffect, StationCommands } from '../../domain/ports/station-commands.ts'
import { PROJECTIONS } from '../../domain/projections.ts'
import type { Site } from '../../domain/site/site.ts'
import { type Control, createControl } from '../control.ts'
import { DEFAULT_POLICY, type DepotDeps, type Policy } from '../depot.ts'
import type { PriceAt } from '../planning/prices.ts'

/** A clock that a test moves. */
export interface StageClock extends Clock {
  advance(by: Duration): void
}

/** A request that left for a station, and the answer it waits for. */
export interface Said {
  readonly station: StationId
  readonly command: StationCommand
  readonly at: number
  answer(answer: StationAnswer): void
}

export const ACCEPTED: StationAnswer = { status: 'accepted' }

/** Proven to obey and to fall back when its lease ends; cannot start alone. */
export const GOOD: StationCapabilities = {
  offline: 'fallback',
  startsAlone: false,
  settleS: 5,
  provenToObey: true,
  limitStepA: amps(1),
  minCurrentA: amps(6),
  minPowerW: watts(5000),
}

export interface StageOptions {
  readonly clock: StageClock
  readonly site: Site
  readonly policy?: Partial<Policy>
  readonly planner?: Planner
  readonly priceAt?: PriceAt
  /** Rows of an earlier run. */
  readonly store?: ReturnType<typeof createMemoryStore>
}

/** A memory store that tests may stall, fail and hand to the next run. */
export const stageStore = (): ReturnType<typeof createMemoryStore> =>
  createMemoryStore({ epoch: as<Epoch>('stage'), hash: () => '0'.repeat(64), projections: PROJECTIONS })

/** The control loop between a memory store and stations that a test answers for. */
export class Stage {
  readonly clock: StageClock
  readonly store: ReturnType<typeof createMemoryStore>
  readonly control: Control
  readonly decisions = createMemoryDecisionLog()
  readonly said: Said[] = []
  readonly warnings = new Map<string, string>()
  /** What a station answers at once; null leaves the request open. */
  reply: (said: Said) => StationAnswer | null = () => ACCEPTED
  /** What a raw request can do to limits. */
  effect: (request: { action: string }) => RequestEffect = () => ({ kind: 'none' })
  /** Why a limit never leaves. */
  refusal: (command: StationCommand) => string | null = () => null
  readonly #site: Site
  readonly #registers = new Map<string, number>()
  #connections = 0
  #readings = 0
  #polling = new Map<MeterId, () => { a?: number; w?: number } | null>()

  constructor({ clock, site, policy, planner, priceAt, store = stageStore() }: StageOptions) {
    this.clock = clock
    this.store = store
    this.#site = site
    const deps: DepotDeps = {
      clock,
      factLog: store.factLog,
      commands: this.#commands(),
      effects: {
        effectOf: (_station, request) => this.effect(request),
        refusalOf: (_station, command) => this.refusal(command),
      },
      health: {
        raise: ({ code, text }) => void this.warnings.set(code, text),
        clear: (code) => void this.warnings.delete(code),
      },
      stopwatch: () => 0,
      random: () => 0.5,
      clockQuality: () => 'synced',
      ...(planner === undefined ? {} : { planner }),
      ...(priceAt === undefined ? {} : { priceAt }),
    }
    const stations = [...new Set([...site.evses.values()].map(({ station }) => station))]
    this.control = createControl({
      setup: {
        site,
        fleet: FLEET,
        stations,
        policy: { ...DEFAULT_POLICY, startupGraceS: 10, reservationS: 20, ...policy },
      },
      deps,
      particulars: {
        depot: { id: 'd', name: 'D', virtual: true, time_zone: 'UTC' },
        scale: 1,
        tariff: () => null,
      },
      decisions: this.decisions,
      soon: (run) => void Promise.resolve().then(run),
    })
  }

  async start(capabilities: StationCapabilities = GOOD): Promise<void> {
    await this.control.start(this.store.projections, () => capabilities)
    await this.settle()
  }

  #commands(): StationCommands {
    return {
      send: (station, command) =>
        new Promise((resolve) => {
          const said: Said = { station, command, at: this.clock.monotonic(), answer: resolve }
          this.said.push(said)
          const reply = this.reply(said)
          if (reply !== null) resolve(reply)
        }),
    }
  }

  /** Lets everything that waits on promises run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) await Promise.resolve()
  }

  /** Lets time pass in steps, with a reading of every meter that is polled in each. */
  async pass(time: Duration, step: Duration = seconds(1)): Promise<void> {
    for (let passed = 0; passed < time; passed += step) {
      this.clock.advance(Math.min(step, time - passed) as Duration)
      for (const [meter, read] of this.#polling) {
        const values = read()
        if (values !== null) this.measure(meter, values)
      }
      await this.settle()
    }
  }

  /** Gives a reading each second from now on; null is silence. */
  poll(meter: string, read: () => { a?: number; w?: number } | null): void {
    this.#polling.set(as<MeterId>(meter), read)
  }

  /** A reading of equal current on three phases, or of power alone; a little noise shows that the meter is alive. */
  measure(meter: string, { a, w }: { a?: number; w?: number }): void {
    const noise = (this.#readings++ % 7) / 100
    const power = w ?? (a === undefined ? undefined : a * 3 * 230)
    this.control.submit({
      type: 'meter-reading',
      meter: as<MeterId>(meter),
      measuredAt: this.clock.now(),
      measuredAtMonotonic: this.clock.monotonic(),
      voltageV: perPhase(() => volts(230)),
      frequencyHz: 50 + noise,
      ...(a === undefined ? {} : { currentA: perPhase(() => amps(a)) }),
      ...(power === undefined ? {} : { powerW: watts(power) }),
    })
  }

  /** Connects and boots a station, and hears that its EVSEs are free. */
  async join(station: string, capabilities: StationCapabilities = GOOD): Promise<number> {
    const connection = await this.connect(station)
    this.boot(station, capabilities)
    for (const evse of this.#site.evses.values())
      if (evse.station === as<StationId>(station)) this.status(station, 'Available', null, evse.evse)
    await this.settle()
    return connection
  }

  async connect(station: string): Promise<number> {
    const connection = ++this.#connections
    this.control.submit({
      type: 'station-connected',
      station: as<StationId>(station),
      connection,
      protocol: 'ocpp1.6',
      remoteAddress: '127.0.0.1',
    })
    await this.settle()
    return connection
  }

  boot(station: string, capabilities: StationCapabilities = GOOD): void {
    this.control.submit({
      type: 'station-booted',
      station: as<StationId>(station),
      vendor: 'V',
      model: 'M',
      serial: null,
      firmware: null,
      stationProfile: 'v-m',
      capabilities,
    })
  }

  async leave(station: string, connection: number): Promise<void> {
    this.control.submit({
      type: 'station-disconnected',
      station: as<StationId>(station),
      connection,
      reason: 'gone',
    })
    await this.settle()
  }

  status(
    station: string,
    status: InputOf<'connector-status'>['status'],
    chargingState: InputOf<'connector-status'>['chargingState'] = null,
    evse = 1,
  ): void {
    this.control.submit({
      type: 'connector-status',
      station: as<StationId>(station),
      evse,
      connector: 1,
      status,
      chargingState,
      errorCode: null,
      vendorError: null,
      info: null,
      time: this.time(),
    })
  }

  time(
    stated: string | null = new Date(this.clock.now()).toISOString(),
  ): InputOf<'transaction-started'>['time'] {
    return { at: this.clock.now(), stated, clock: stated === null ? 'estimated' : 'synced' }
  }

  authorize(station: string, token = 'TAG-1') {
    return this.control.submit({
      type: 'authorize',
      station: as<StationId>(station),
      idToken: as<IdToken>(token),
    })
  }

  begin(
    station: string,
    of: Partial<Pick<InputOf<'transaction-started'>, 'evse' | 'reservation' | 'time'>> & {
      meterWh?: number
      token?: string
    } = {},
  ) {
    const { evse = 1, meterWh = 1000, token = 'TAG-1', time = this.time() } = of
    return this.control.submit({
      type: 'transaction-started',
      station: as<StationId>(station),
      evse,
      connector: evse,
      idToken: as<IdToken>(token),
      meterStartWh: wattHours(meterWh),
      time,
      ...(of.reservation === undefined ? {} : { reservation: of.reservation }),
    })
  }

  /** Authorises a vehicle, waits for its room and starts it; the answer is its transaction. */
  async charge(station: string, token = 'TAG-1') {
    this.status(station, 'Occupied', 'EVConnected')
    let status: string | null = null
    void this.authorize(station, token).outcome.then((answer) => {
      status = answer.status
    })
    await this.settle()
    while (status === null) await this.pass(seconds(1))
    const started = this.begin(station, { token })
    this.status(station, 'Occupied', 'Charging')
    await this.settle()
    return started.outcome.transaction
  }

  end(station: string, of: Partial<InputOf<'transaction-ended'>> = {}) {
    return this.control.submit({
      type: 'transaction-ended',
      station: as<StationId>(station),
      transaction: null,
      meterStopWh: wattHours(5000),
      idToken: null,
      reason: 'Local',
      samples: [],
      time: this.time(),
      record: '[2,"1","StopTransaction",{}]',
      ...of,
    })
  }

  /** A report of equal current on three phases. */
  draw(
    station: string,
    a: number,
    of: {
      evse?: number
      phases?: 1 | 3
      registerWh?: number
      socPct?: number
      time?: InputOf<'transaction-started'>['time']
    } = {},
  ) {
    const { evse = 1, phases = 3, registerWh, socPct, time = this.time() } = of
    const register = registerWh ?? (this.#registers.get(station) ?? 1000) + 1
    this.#registers.set(station, register)
    const others = amps(phases === 1 ? 0 : a)
    return this.control.submit({
      type: 'meter-values',
      station: as<StationId>(station),
      evse,
      transaction: null,
      samples: [
        {
          time,
          registerWh: wattHours(register),
          powerW: watts(a * 230 * phases),
          currentA: { l1: amps(a), l2: others, l3: others },
          ...(socPct === undefined ? {} : { socPct: percent(socPct) }),
        },
      ],
    })
  }

  /** The limits said to a station, A or W; with the time they left. */
  limits(station: string): readonly { value: number; at: number; kind: StationCommand['kind'] }[] {
    return this.said.flatMap(({ station: to, command, at }) =>
      to === as<StationId>(station) && 'limit' in command
        ? [{ value: Object.values(command.limit)[0] ?? Number.NaN, at, kind: command.kind }]
        : [],
    )
  }

  /** The transaction limits said to a station. */
  running(station: string): readonly number[] {
    return this.limits(station).flatMap(({ kind, value }) =>
      kind === 'set-transaction-limit' ? [value] : [],
    )
  }

  evse(station: string) {
    const found = this.control.decision().snapshot.evses.find(({ key }) => key.startsWith(`${station}/`))
    if (found === undefined) throw new RangeError(`no EVSE of ${station}`)
    return found
  }

  live(station: string) {
    const found = this.control.live().evses.find((evse) => evse.station === station)
    if (found === undefined) throw new RangeError(`no EVSE of ${station}`)
    return found
  }

  /** The stored facts of one type, in their order. */
  async facts<T extends FactType>(type: T): Promise<readonly FactTypes[T][]> {
    const all = await this.history()
    return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
  }

  async history(): Promise<readonly Fact[]> {
    const records = await this.store.factLog.read(0, Number.POSITIVE_INFINITY)
    return records.map(({ line }) => storedFact(line).fact)
  }
}

const VEHICLES = Array.from({ length: 12 }, (_, index) => ({
  id: as<VehicleId>(`bus-${index + 1}`),
  idTokens: [as<IdToken>(`TAG-${index + 1}`)],
  evccid: null,
  batteryWh: wattHours(300_000),
  priority: 1,
  ...(index < 6 ? { group: 'blue' } : {}),
}))
const FLEET: Fleet = {
  vehicles: new Map(VEHICLES.map((vehicle) => [vehicle.id, vehicle])),
  byToken: new Map(VEHICLES.flatMap(({ id, idTokens }) => idTokens.map((token) => [token, id] as const))),
  people: new Set([as<IdToken>('DRIVER')]),
}

import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type EvseKey, evseKey, type MeterId, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import type { Watts } from '@busbar/units/electricity.ts'
import { sumPhases } from '@busbar/units/per-phase.ts'
import { type Duration, type Instant, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import type { AddedStation } from '../domain/charging/added-stations.ts'
import { conformanceResults } from '../domain/charging/conformance/conformance-results.ts'
import { effectiveCapabilities } from '../domain/charging/conformance/effective.ts'
import { emptyLedger, type LimitLedger, limitLedgers } from '../domain/charging/limit-ledger.ts'
import type { MatchedProfile } from '../domain/charging/matched-profile.ts'
import type { SocEstimate } from '../domain/charging/soc.ts'
import { stationRecords } from '../domain/charging/station.ts'
import { type OpenTransaction, openTransactions } from '../domain/charging/transaction.ts'
import type { Fleet } from '../domain/charging/vehicle.ts'
import type { AuthorizationStatus, ClockQuality, MeterQuality } from '../domain/facts.ts'
import type { StationCapabilities } from '../domain/inputs.ts'
import type { ChargingLimit } from '../domain/limit.ts'
import type { BaseLoad } from '../domain/load-balancing/base-load.ts'
import { type Observation, unobserved } from '../domain/load-balancing/observation.ts'
import type { Level, Row } from '../domain/load-balancing/rows.ts'
import type { Triage } from '../domain/load-balancing/triage.ts'
import { type Wiring, wiringOf } from '../domain/load-balancing/wiring.ts'
import type { FactLog } from '../domain/ports/fact-log.ts'
import type { HealthSink } from '../domain/ports/health-sink.ts'
import type { Planner } from '../domain/ports/planner.ts'
import type { RequestEffects, StationCommands } from '../domain/ports/station-commands.ts'
import type { StationDoor } from '../domain/ports/station-door.ts'
import type { StationFiles } from '../domain/ports/station-files.ts'
import type { StationRoster } from '../domain/ports/station-roster.ts'
import type { Aim } from '../domain/scheduling/standing.ts'
import { DemandMeter } from '../domain/site/demand-window.ts'
import { voltageAt } from '../domain/site/feeding.ts'
import { type MeterTrust, unheard } from '../domain/site/meter-trust.ts'
import type { AgreedLimit, Circuit, Evse, Site } from '../domain/site/site.ts'
import { Composites } from './composite.ts'
import { Runs } from './conformance/runs.ts'
import { EarlyStops } from './early-stops.ts'
import { EventOrders } from './event-orders.ts'
import { Flapping } from './flapping.ts'
import { Intrusions } from './intrusions.ts'
import { LimitClock } from './limit-clock.ts'
import { Memory } from './memory.ts'
import type { MeterWatch } from './meters/meter-watch.ts'
import { watchesOf } from './meters/watches.ts'
import { OutboxTries } from './outbox-tries.ts'
import { Ladders } from './overloads/ladders.ts'
import { Planning } from './planning/planning.ts'
import type { PriceAt } from './planning/prices.ts'
import { FlashWear } from './rationing/flash-wear.ts'
import { ModuleMoves } from './rationing/module-moves.ts'
import { Restart } from './rationing/restart.ts'
import { Rise } from './rationing/rise.ts'
import { Recorder } from './recorder.ts'
import { RemoteStarts } from './remote-starts.ts'
import { type Reservation, reserve } from './reservations.ts'
import { StationClocks } from './station-clocks.ts'
import { Turns } from './turns.ts'
import { SeenVoltages } from './voltage.ts'
import { Wakes } from './wakes.ts'

/** How a station is connected just now; gone with the connection. */
export interface StationLink {
  readonly connection: number
  readonly protocol: string
  readonly since: Instant
  readonly booted: boolean
  /** Its fallback was accepted, and every running limit sent again, on this connection. */
  readonly reconciled: boolean
  /** `reconcile` was started. */
  readonly reconciling: boolean
}

/** A token that was accepted and waits until the room it may use is free. */
export interface RoomRequest {
  readonly station: StationId
  readonly until: Monotonic
  readonly settle: (status: AuthorizationStatus) => void
}

/** Limits that somebody wants to set past the balancer, and that have to fit every protecting row first. */
export interface LimitRequest {
  /** What each EVSE may come to draw. */
  readonly limits: ReadonlyMap<EvseKey, ChargingLimit>
  /** Null: they fit, and count from now on as `take` has recorded; else why they may not be set, with the row. */
  readonly settle: (refusal: string | null) => void
  /** Counts them in memory, at once. */
  readonly take: () => void
  /** A refusal is settled no sooner: room may be made until then. */
  readonly until?: Monotonic
}

/** A limit that a station refused or did not answer. */
export interface FailedLimit {
  /** No further attempt before, but for a lower limit. */
  readonly until: Monotonic
  readonly level: Level
  /** It was refused; else it was not answered. */
  readonly refused: boolean
}

/** Settings of the control loop. */
export interface Policy {
  readonly tick: Duration
  /** Lease of a TxProfile and when it is renewed. */
  readonly leaseS: number
  readonly renewS: number
  /** Time between an EVSE's last change and its next raise. */
  readonly restS: number
  /** How long a missing station is waited for at start before it counts as offline. */
  readonly startupGraceS: number
  /** How long room stays reserved for an authorised token that starts nothing. */
  readonly reservationS: number
  /** Charging profiles that a station's flash is to take in a day; more slow its raises. */
  readonly limitWritesPerDay: number
  /** Most that all limits together may rise in a minute, W; null where that does not matter. */
  readonly maxRiseWPerMin: number | null
  /** Length of a demand window. */
  readonly demandWindow: Duration
  readonly defaultCapabilities: StationCapabilities
  /** What counts where not all can have all: a fair share, the most energy, or vehicles that leave ready. */
  readonly aim: Aim | 'fair'
}

export const DEFAULT_POLICY: Policy = {
  tick: seconds(1),
  leaseS: 300,
  renewS: 100,
  restS: 30,
  aim: 'fair',
  startupGraceS: 30,
  reservationS: 120,
  limitWritesPerDay: 2000,
  maxRiseWPerMin: null,
  demandWindow: minutes(15),
  defaultCapabilities: {
    offline: 'unknown',
    startsAlone: true,
    settleS: 30,
    provenToObey: false,
    limitStepA: 1 as StationCapabilities['limitStepA'],
    minCurrentA: 6 as StationCapabilities['minCurrentA'],
    minPowerW: 5000 as StationCapabilities['minPowerW'],
  },
}

export interface DepotDeps {
  readonly clock: Clock
  readonly factLog: FactLog
  readonly commands: StationCommands
  /** Reads raw requests before they leave; without it each counts as one that may raise limits. */
  readonly effects?: RequestEffects
  /** Keeps a station out for a while; without it nothing is learned of what stations do alone. */
  readonly door?: StationDoor
  readonly health: HealthSink
  /** How far the clock's wall time can be trusted just now. */
  readonly clockQuality: () => ClockQuality
  /** Real milliseconds, for measuring ourselves. */
  readonly stopwatch: () => number
  /** From 0 to below 1; the same start gives the same numbers. */
  readonly random: () => number
  /** Solves plans beside the loop; without one there are none. */
  readonly planner?: Planner
  /** What plans save; absent where energy costs the same always. */
  readonly priceAt?: PriceAt
}

export interface DepotSetup {
  readonly site: Site
  readonly fleet: Fleet
  readonly stations: readonly StationId[]
  readonly policy: Policy
}

/** What the control loop knows: committed or deciding facts in `memory`, the fleeting present in the maps beside it. */
export class Depot {
  /** Of the configuration, with the stations that were added; changes only before a decision. */
  setup: DepotSetup
  readonly configured: Pick<DepotSetup, 'site' | 'stations'>
  /** Stations that were added and are taken up. */
  added: readonly AddedStation[] = []
  readonly deps: DepotDeps
  readonly memory = new Memory()
  readonly recorder: Recorder
  /** The site's rows and the EVSEs on them, with the agreed limits that hold just now; changes only before a decision. */
  wiring: Wiring
  agreed: readonly AgreedLimit[]
  /** What the site's time zone adds to UTC. */
  utcOffset: (at: Instant) => Duration = () => 0 as Duration
  readonly startedAt: Monotonic
  readonly links = new Map<StationId, StationLink>()
  readonly capabilities = new Map<StationId, StationCapabilities>()
  /** What each station that has connected is taken for. */
  readonly matched = new Map<StationId, MatchedProfile>()
  readonly lastMessage = new Map<StationId, Instant>()
  readonly offlineSince = new Map<StationId, Monotonic>()
  readonly observations = new Map<EvseKey, Observation>()
  readonly meters = new Map<MeterId, MeterTrust>()
  readonly meterQualities = new Map<MeterId, MeterQuality>()
  readonly bases = new Map<string, BaseLoad>()
  readonly reservations = new Map<EvseKey, Reservation>()
  readonly roomRequests = new Set<RoomRequest>()
  readonly limitRequests = new Set<LimitRequest>()
  /** Kept commands that are with their station just now. */
  readonly sending = new Set<string>()
  /** Commands past the balancer that have not left yet, or whose answer is awaited. */
  readonly underway = new Set<string>()
  /** Since when the connection stands on which a station last booted. */
  readonly bootedOn = new Map<StationId, Instant>()
  readonly tries = new OutboxTries()
  readonly limitClock = new LimitClock()
  readonly lastChange = new Map<EvseKey, Monotonic>()
  /** Limits that the station did not take, until it takes one. */
  readonly failures = new Map<EvseKey, FailedLimit>()
  readonly refusedFallback = new Set<EvseKey>()
  /** EVSEs whose rows allow no raise since the last decision. */
  barred: ReadonlySet<EvseKey> = new Set()
  readonly disobedience = new Map<EvseKey, number>()
  readonly lastEnergyFact = new Map<TransactionId, Instant>()
  /** What has been heard of transactions that their stations number the events of. */
  readonly eventOrders = new EventOrders()
  /** Transactions whose start has not been answered yet. */
  readonly untold = new Set<TransactionId>()
  /** Since when a station has said, on this connection, that the EVSE is free although its transaction is open. */
  readonly freeSince = new Map<EvseKey, Monotonic>()
  readonly timers = new Set<Timer>()
  readonly ladders = new Ladders()
  readonly composites = new Composites()
  readonly conformance = new Runs()
  readonly flashWear: FlashWear
  readonly restart: Restart
  readonly rise: Rise
  readonly moduleMoves = new ModuleMoves()
  readonly wakes = new Wakes()
  /** State of charge of each running transaction's vehicle, as far as it can be believed. */
  readonly socs = new Map<EvseKey, SocEstimate>()
  readonly flapping = new Flapping()
  readonly earlyStops = new EarlyStops()
  readonly intrusions = new Intrusions()
  readonly remoteStarts = new RemoteStarts()
  /** Since when a meter reads a row above its limit. */
  readonly overSince = new Map<string, Monotonic>()
  readonly turns = new Turns()
  readonly planning: Planning
  /** Who is to be ready and who gives way, by the last decision; null before the first. */
  triage: Triage | null = null
  readonly stationClocks = new StationClocks()
  /** The highest limit that stood at an EVSE before one was last released, and when that was. */
  readonly released = new Map<EvseKey, { readonly level: Level; readonly at: Monotonic }>()
  readonly voltages: SeenVoltages
  /** What is remembered of each meter that is read. */
  readonly watches: ReadonlyMap<MeterId, MeterWatch>
  /** Of the grid connection; null where no meter measures it. */
  readonly demand: { readonly circuit: Circuit; readonly meter: DemandMeter } | null
  commandCount = 0
  /** Of the last log or update that was asked for. */
  lastFileRequest = 0
  /** Where stations leave logs and fetch firmware; null where this depot takes and gives no files. */
  files: StationFiles | null = null
  /** Who is let in; null before there is a listener. */
  roster: StationRoster | null = null
  /** Told of a station's request for a certificate once it is kept; null where nobody signs. */
  certificateWanted: ((station: StationId, csr: string) => void) | null = null
  /** Told when a connected station has been reconciled. */
  stationReady: ((station: StationId) => void) | null = null
  /** Passed once, after every start-up step; never unset while running. */
  ready = false
  /** Asks for a tick now instead of at the next second. */
  urge: () => void = () => undefined
  /** Sets everything anew at a station that is connected. */
  setAnew: (station: StationId) => void = () => undefined

  constructor(setup: DepotSetup, deps: DepotDeps) {
    this.setup = setup
    this.configured = setup
    this.deps = deps
    this.planning = new Planning(deps.planner, setup.policy.aim)
    this.recorder = new Recorder(deps.factLog, this.memory, deps.clock, deps.health, deps.clockQuality)
    this.agreed = setup.site.limits ?? []
    this.wiring = wiringOf(setup.site, this.agreed)
    this.voltages = new SeenVoltages(setup.site.nominalV)
    this.watches = watchesOf(setup.site)
    this.demand = demandOf(setup)
    this.startedAt = deps.clock.monotonic()
    this.flashWear = new FlashWear(setup.policy.limitWritesPerDay)
    this.restart = new Restart(setup.stations.length, deps.random)
    this.rise = new Rise(setup.policy.maxRiseWPerMin)
    for (const meter of setup.site.meters.keys()) this.meters.set(meter, unheard(this.startedAt))
    for (const evse of setup.site.evses.values()) reserve(this, evse, true)
    for (const station of setup.stations) this.offlineSince.set(station, this.startedAt)
  }

  get rows(): readonly Row[] {
    return this.wiring.rows
  }

  get now(): Instant {
    return this.deps.clock.now()
  }

  get monotonic(): Monotonic {
    return this.deps.clock.monotonic()
  }

  ledger(key: EvseKey): LimitLedger {
    return this.memory.table(limitLedgers).get(key) ?? emptyLedger
  }

  observation(key: EvseKey): Observation {
    return this.observations.get(key) ?? unobserved
  }

  /** Whether a limit that leaves now may be counted on to arrive. */
  inContact(station: StationId): boolean {
    return this.links.has(station) && !this.flapping.flaps(station, this.monotonic)
  }

  /** As the station's profile states them and as they were measured at the EVSE. */
  capabilitiesOf({ station, key }: Pick<Evse, 'station' | 'key'>): StationCapabilities {
    const stated = this.capabilities.get(station) ?? this.setup.policy.defaultCapabilities
    const known = this.memory.table(conformanceResults).get(key)
    return effectiveCapabilities(stated, known, this.memory.table(stationRecords).get(station))
  }

  /** The transaction running at an EVSE. */
  transactionAt(key: EvseKey): OpenTransaction | undefined {
    let found: OpenTransaction | undefined
    for (const open of this.memory.table(openTransactions).values())
      if (evseKey(open.station, open.evse) === key && newer(open, found)) found = open
    return found
  }

  /** Running transactions by EVSE. */
  openByEvse(): ReadonlyMap<EvseKey, OpenTransaction> {
    const open = new Map<EvseKey, OpenTransaction>()
    for (const transaction of this.memory.table(openTransactions).values()) {
      const key = evseKey(transaction.station, transaction.evse)
      if (newer(transaction, open.get(key))) open.set(key, transaction)
    }
    return open
  }

  evsesOf(station: StationId): readonly Evse[] {
    return [...this.setup.site.evses.values()].filter((evse) => evse.station === station)
  }

  /** Takes the restored limits as if they had been sent just now: nobody knows how long we were away. */
  limitsRestored(): void {
    const at = this.monotonic
    for (const key of this.setup.site.evses.keys()) {
      const ledger = this.ledger(key)
      const until = Math.max(0, ...ledger.standing.map(({ leaseUntil }) => leaseUntil ?? 0))
      const lease = Math.max(seconds(this.setup.policy.leaseS), until - this.now) as Duration
      this.limitClock.restored(key, ledger, { at, lease })
    }
  }
}

/** History that is still being told stands beside what runs now, and does not count. */
const newer = (open: OpenTransaction, than: OpenTransaction | undefined): boolean =>
  than === undefined || than.startedAt <= open.startedAt

function demandOf({ site, policy }: DepotSetup): Depot['demand'] {
  const circuit = [...site.circuits.values()].find(({ parent, meter }) => parent === null && meter !== null)
  if (circuit === undefined) return null
  const ratingW = sumPhases(circuit.ratingA) * voltageAt(site, circuit.id)
  return {
    circuit,
    meter: new DemandMeter({
      length: policy.demandWindow,
      limitW: circuit.demandTargetW ?? demandLimit(site, circuit),
      ratingW,
    }),
  }
}

/** The least of what the connection's equipment can and what is agreed for every hour; null where neither is told. */
function demandLimit({ limits = [] }: Site, { id, limitW }: Circuit): Watts | null {
  const agreed = limits.flatMap(({ circuit, direction, limit, hours }) =>
    circuit === id && direction === 'import' && hours === undefined && 'limit_w' in limit
      ? [limit.limit_w]
      : [],
  )
  const all = limitW === null ? agreed : [limitW, ...agreed]
  return all.reduce<Watts | null>((least, each) => (least === null || each < least ? each : least), null)
}

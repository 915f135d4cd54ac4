import type { Timer } from '@busbar/model/clock.ts'
import { type Duration, type Instant, milliseconds, seconds, toIso } from '@busbar/units/time.ts'
import { within } from '../random.ts'
import { Configuration, MAX_INSTALLED, MAX_PERIODS, MAX_STACK_LEVEL } from './configuration.ts'
import type { Conductors, ConnectedVehicle } from './connected-vehicle.ts'
import { Connector, type ConnectorStatus } from './connector.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { Flapping } from './flapping.ts'
import type { Frame } from './frames.ts'
import type { StationParts, TriggeredMessage } from './inbound.ts'
import type { Cut } from './link.ts'
import { type Misbehaviour, SOUND } from './misbehaviour.ts'
import { Outlet, type OutletReading } from './outlet.ts'
import { ProfileStore } from './profile-store.ts'
import type { QuirkedStation } from './quirks/quirk.ts'
import { QuirkSet, type StationQuirks } from './quirks/quirk-set.ts'
import { bootPayload, stationStatus } from './self.ts'
import { HttpMover } from './services/file-mover.ts'
import { Services } from './services/services.ts'
import type { StationDeps, StationPlan } from './station-plan.ts'
import { Teller } from './teller.ts'
import { Timers } from './timers.ts'
import { receiptFor, TransactionQueue, type TransactionReport } from './transaction-queue.ts'
import { type StationActivity, Uplink } from './uplink.ts'

export type { StationPlan } from './station-plan.ts'

/** A charging station with one connector: an OCPP 1.6J client over hardware that obeys charging profiles. */
export class VirtualStation {
  readonly id: string
  readonly plan: StationPlan
  readonly #deps: StationDeps
  readonly #configuration: Configuration
  readonly #profiles: ProfileStore
  readonly #outlet: Outlet
  readonly #connector: Connector
  readonly #reports: TransactionQueue
  readonly #uplink: Uplink
  readonly #services: Services
  readonly #teller: Teller
  readonly #flapping: Flapping
  readonly #timers: Timers
  readonly #mover = new HttpMover()
  readonly #dialect: Dialect
  #secret: Buffer
  #offlineAt: Instant | null = null
  #heartbeatAt = 0
  #restarting: Timer | null = null
  readonly #quirks = new QuirkSet(() => this.#quirked())
  #misbehaviour = SOUND
  #bootedAt: number

  constructor(plan: StationPlan, deps: StationDeps) {
    this.id = plan.id
    this.plan = plan
    this.#deps = deps
    this.#secret = Buffer.from(plan.secret)
    this.#timers = new Timers(deps.clock)
    this.#bootedAt = deps.clock.now()
    this.#configuration = new Configuration(plan.rating.kind, plan.meterIntervalS ?? 10)
    this.#profiles = new ProfileStore({
      maxStackLevel: MAX_STACK_LEVEL,
      maxPeriods: MAX_PERIODS,
      maxInstalled: MAX_INSTALLED,
      units: plan.rating.kind === 'ac' ? ['A', 'W'] : ['W'],
    })
    this.#outlet = new Outlet(plan.rating, Math.floor(within(deps.random.fork('register'), 2e6, 9e7)))
    this.#quirks.set(plan.quirks ?? {})
    const self = { identity: plan.id, random: deps.random.fork('names') }
    this.#dialect = this.#quirks.over(dialectOf(plan.version ?? '1.6', self))
    this.#reports = this.#newQueue()
    this.#uplink = this.#newUplink()
    this.#services = this.#newServices()
    this.#flapping = new Flapping(deps.clock, (up) => (up ? this.restoreLink() : this.cutLink()))
    this.#teller = new Teller({
      dialect: this.#dialect,
      queue: this.#reports,
      misbehaviour: () => this.#misbehaviour,
      now: () => ({ status: this.#connector.status, online: this.online, bootedAt: this.#bootedAt }),
    })
    this.#connector = this.#newConnector()
  }

  start(): void {
    this.#uplink.start()
  }

  stop(): void {
    this.#restarting?.cancel()
    this.#flapping.set(null)
    this.#timers.stop()
    this.#uplink.stop('close')
    this.#reports.resume()
  }

  plugIn(vehicle: ConnectedVehicle): void {
    this.#connector.plugIn(vehicle)
  }

  unplug(): ConnectedVehicle | null {
    return this.#connector.unplug()
  }

  cutLink(how: Cut = 'closed'): void {
    this.#uplink.cut(how)
  }

  restoreLink(): void {
    this.#uplink.restore()
  }

  /** As if power failed: the transaction ends; profiles, configuration and queued messages stay. */
  reboot(): void {
    this.#restart('PowerLoss', 'drop')
  }

  /** Draws up to the rating whatever the profiles say. */
  ignoreLimits(ignores: boolean): void {
    this.misbehave({ ignoresLimits: ignores })
  }

  /** Switches what it does wrong; what is not named stays. */
  misbehave(how: Partial<Misbehaviour>): void {
    this.#misbehaviour = { ...this.#misbehaviour, ...how }
  }

  /**
   * Gives it quirks by the keys of station profiles; null takes one away. What is not named stays.
   * @throws DepotError `simulator.quirk`
   */
  set quirks(quirks: StationQuirks) {
    this.#quirks.set(quirks)
  }

  get quirks(): StationQuirks {
    return this.#quirks.values
  }

  /** Loses its connection and dials again, over and over with this period; null ends it. */
  flap(every: Duration | null): void {
    this.#flapping.set(every)
  }

  /** Neither sends, answers nor obeys this action, until `speak`. */
  silence(action: string): void {
    this.#uplink.silence(action)
  }

  speak(action: string): void {
    this.#uplink.speak(action)
  }

  fault(faulted: boolean): void {
    this.#connector.setFault(faulted)
  }

  get status(): ConnectorStatus {
    return this.#connector.status
  }

  get online(): boolean {
    return this.#uplink.online
  }

  get vehicle(): ConnectedVehicle | null {
    return this.#connector.vehicle
  }

  /** A transaction runs, whether or not the CSMS knows. */
  get charging(): boolean {
    return this.#connector.transaction !== null
  }

  /** The id of the running transaction as the CSMS knows it; null without one. */
  get transactionId(): number | string | null {
    return this.#connector.transaction?.id ?? null
  }

  /** What the profiles allow now, A per phase or W; null without a transaction. */
  get offered(): number | null {
    return this.#connector.offered?.value ?? null
  }

  /** Transaction messages not yet acknowledged. */
  get queued(): number {
    return this.#reports.length
  }

  get powerFactor(): number {
    return this.#outlet.powerFactor
  }

  read(): OutletReading {
    return this.#outlet.read(this.#connector.vehicle)
  }

  activity(): StationActivity {
    const activity = this.#uplink.activity()
    return { ...activity, connecting: activity.connecting || this.#mover.busy }
  }

  /** Lets the hardware run for `dtS` seconds up to `at`, fed with these voltages. */
  step(at: Instant, dtS: number, voltageV: Conductors): void {
    this.#offlineAt = this.online ? null : (this.#offlineAt ?? at)
    this.#profiles.offline(this.#offlineAt === null ? 0 : (at - this.#offlineAt) / 1000)
    this.#connector.step(at, dtS, voltageV)
    this.#quirks.ticks(at)
    const interval = this.#configuration.count('HeartbeatInterval') * 1000
    if (!this.online || interval === 0 || at - this.#heartbeatAt < interval) return
    this.#heartbeatAt = at
    this.#uplink.request('Heartbeat', {}, forget)
  }

  #online(): void {
    this.#heartbeatAt = this.#deps.clock.now()
    if (this.#misbehaviour.losesProfiles) this.#profiles.clear({})
    this.#tellStatus(undefined)
    this.#connector.contact()
    this.#quirks.online()
  }

  #restart(reason: 'HardReset' | 'SoftReset' | 'PowerLoss', how: 'close' | 'drop'): void {
    this.#deps.record('rebooting', { reason })
    this.#bootedAt = this.#deps.clock.now()
    this.#connector.powerDown(reason)
    this.#uplink.forget()
    this.#uplink.stop(how)
    this.#restarting?.cancel()
    const takes = milliseconds(within(this.#deps.random, 8000, 15000))
    this.#restarting = this.#deps.clock.timer(takes, () => {
      this.#connector.powerUp()
      this.#uplink.start()
    })
  }

  /** Leaves the stop message a moment to get through; what does not get through is kept. */
  #softReset(): void {
    this.#connector.powerDown('SoftReset')
    this.#restarting?.cancel()
    this.#restarting = this.#deps.clock.timer(seconds(2), () => this.#restart('SoftReset', 'close'))
  }

  #answer(frame: Extract<Frame, { kind: 'call' }>): void {
    const answer = this.#dialect.answerCall(this.#parts(), frame.action, frame.payload)
    if ('error' in answer) {
      this.#uplink.reply({ kind: 'error', id: frame.id, code: answer.error, description: answer.description })
      return
    }
    this.#uplink.reply({ kind: 'result', id: frame.id, payload: answer.payload })
    answer.then?.()
  }

  #parts(): StationParts {
    return {
      rating: this.plan.rating,
      configuration: this.#configuration,
      profiles: this.#profiles,
      connector: this.#connector,
      misbehaviour: this.#misbehaviour,
      now: () => this.#deps.clock.now(),
      reset: (mode) => (mode === 'Hard' ? this.#restart('HardReset', 'drop') : this.#softReset()),
      trigger: (message, connectorId) => this.#trigger(message, connectorId),
      setSecret: (secret) => {
        this.#secret = secret
      },
      record: (kind, detail) => this.#deps.record(kind, detail),
      tell: (action, payload) => this.#uplink.request(action, payload, forget),
      services: this.#services,
    }
  }

  #trigger(message: TriggeredMessage, connectorId: number | undefined): void {
    if (message === 'BootNotification') this.#uplink.boot()
    if (message === 'Heartbeat') this.#uplink.request(message, {}, forget)
    if (message === 'MeterValues') this.#triggeredValues()
    if (message !== 'StatusNotification') return
    this.#dialect.opened()
    this.#tellStatus(connectorId)
  }

  #tellStatus(connectorId: number | undefined): void {
    const station = stationStatus(this.#connector.faulted, this.#deps.clock.now())
    if (connectorId !== 1) this.#uplink.request('StatusNotification', station, forget)
    if (connectorId !== 0) this.#uplink.request('StatusNotification', this.#connector.statusPayload(), forget)
  }

  #triggeredValues(): void {
    const at = this.#deps.clock.now()
    const payload = { connectorId: 1, meterValue: [this.#connector.meterValue('Trigger', at)] }
    const { transaction } = this.#connector
    if (transaction)
      this.#report({ kind: 'values', transaction, at, meterWh: this.read().registerWh, payload })
    else this.#uplink.request('MeterValues', payload, forget)
  }

  #report(report: TransactionReport): void {
    if (report.kind === 'values' && this.#uplink.silent('MeterValues')) return
    if (report.kind === 'stop' && this.#misbehaviour.losesStops) return
    for (const told of this.#quirks.tells(report)) this.#teller.tell(told)
  }

  /** From OCPP 2.0.1 on, what the vehicle does is told with its transaction. */
  #tellState(): void {
    const { transaction } = this.#connector
    if (transaction === null || !this.#dialect.tellsStates) return
    const at = this.#deps.clock.now()
    const payload = { connectorId: 1, meterValue: [], timestamp: toIso(at) }
    this.#report({ kind: 'values', transaction, at, meterWh: this.read().registerWh, payload })
  }

  #quirked(): QuirkedStation {
    const report = (told: TransactionReport) => this.#teller.tell(told)
    const hangUp = (s: number) => {
      this.cutLink()
      this.#timers.later(s, () => this.restoreLink())
    }
    return { ...this.#parts(), online: this.online, later: this.#timers.later, report, hangUp }
  }

  #newQueue(): TransactionQueue {
    return new TransactionQueue({
      clock: this.#deps.clock,
      retry: () => ({
        attempts: this.#configuration.count('TransactionMessageAttempts'),
        intervalS: this.#configuration.count('TransactionMessageRetryInterval'),
      }),
      acknowledged: (report, answer) => {
        this.#deps.acknowledged(receiptFor(this.id, report))
        if (report.kind !== 'values') this.#connector.answered(report.transaction, answer)
      },
      givenUp: ({ kind, transaction }) =>
        this.#deps.record('given-up', { kind, localId: transaction.localId }),
      ready: () => this.#uplink.pump(),
      said: (report, call) => this.#dialect.reported(report, call),
    })
  }

  #newUplink(): Uplink {
    const { clock, random, ocppUrl } = this.#deps
    return new Uplink(
      {
        clock,
        random: random.fork('link'),
        url: ocppUrl,
        identity: this.id,
        bootsOnReconnect: this.plan.bootsOnReconnect ?? false,
        reports: this.#reports,
        dialect: this.#dialect,
        manners: this.#quirks,
        secret: () => this.#secret,
        bootPayload: () => bootPayload(this.plan),
      },
      {
        online: () => this.#online(),
        lost: (clean) => this.#quirks.lost(clean),
        called: (frame) => this.#answer(frame),
        accepted: (heartbeatS) => this.#configuration.note('HeartbeatInterval', heartbeatS),
        record: (kind, detail) => this.#deps.record(kind, detail),
      },
    )
  }

  #newServices(): Services {
    const { clock } = this.#deps
    return new Services({
      now: () => clock.now(),
      tell: (action, payload) => this.#uplink.request(action, payload, forget),
      later: this.#timers.later,
      record: (kind, detail) => this.#deps.record(kind, detail),
      occupation: () => this.#connector.occupation,
      transfers: () => this.#misbehaviour,
      mover: this.#mover,
      requestCertificate: null,
    })
  }

  #newConnector(): Connector {
    return new Connector({
      clock: this.#deps.clock,
      rating: this.plan.rating,
      outlet: this.#outlet,
      profiles: this.#profiles,
      configuration: this.#configuration,
      online: () => this.online,
      request: (action, payload, done) => this.#uplink.request(action, payload, done),
      localList: this.#services.localList,
      reservations: this.#services.reservations,
      report: (report) => this.#report(report),
      record: (kind, detail) => this.#deps.record(kind, detail),
      misbehaviour: () => this.#misbehaviour,
      offers: (limit) => this.#quirks.offers(limit),
      changed: () => this.#tellState(),
    })
  }
}

/** The answer to this call changes nothing. */
function forget(): void {
  return
}

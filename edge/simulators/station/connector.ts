import type { Clock } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { type Instant, instant, toIso } from '@busbar/units/time.ts'
import { z } from 'zod'
import type { CallOutcome } from './calls.ts'
import type { ChargingProfile } from './charging-profile.ts'
import type { Configuration } from './configuration.ts'
import type { Conductors, ConnectedVehicle } from './connected-vehicle.ts'
import { type Misbehaviour, toldSoc } from './misbehaviour.ts'
import { type OfferedLimit, offeredLimit, type Rating } from './offered-limit.ts'
import type { Outlet } from './outlet.ts'
import { OwnWays } from './own-ways.ts'
import type { ProfileStore } from './profile-store.ts'
import { type MeterValue, meterValue, type Sample } from './sampled-values.ts'
import type { LocalList } from './services/local-list.ts'
import type { Occupation, Reservations } from './services/reservations.ts'
import type { Transaction, TransactionReport } from './transaction-queue.ts'

export type ConnectorStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEVSE'
  | 'SuspendedEV'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'

export interface ConnectorDeps {
  readonly clock: Clock
  readonly rating: Rating
  readonly outlet: Outlet
  readonly profiles: ProfileStore
  readonly configuration: Configuration
  /** The CSMS has accepted this station and the link is up. */
  online(): boolean
  request(
    action: string,
    payload: Readonly<Record<string, unknown>>,
    done: (outcome: CallOutcome) => void,
  ): void
  report(report: TransactionReport): void
  record(kind: string, detail: Readonly<Record<string, unknown>>): void
  misbehaviour(): Misbehaviour
  /** What really comes of a limit, in the unit of the rating. */
  offers(limit: number): number
  readonly localList: LocalList
  readonly reservations: Reservations
  /** The status is another one, whether or not the CSMS can hear of it. */
  changed(): void
}

const AuthorizeAnswer = z.object({
  idTagInfo: z.object({ status: z.string(), parentIdTag: z.string().optional() }),
})
/** Below this offer, A or W, no vehicle charges. */
const SMALLEST = { ac: 6, dc: 1000 }
/** Seconds until a vehicle that is not charging presents its token again, by what came of the last try. */
const TRY_AGAIN_S = { offline: 10, failed: 30, refused: 300 }

/** The station's one connector: vehicle, authorisation, transaction, status. */
export class Connector {
  vehicle: ConnectedVehicle | null = null
  transaction: Transaction | null = null
  status: ConnectorStatus = 'Available'
  faulted = false
  #powered = true
  #operative = true
  #inoperativeLater = false
  /** The transaction of this stay is over; another needs a new plug-in or a remote start. */
  #finished = false
  #authorizing = false
  #tryAt = 0
  #sampledAt = 0
  #transactions = 0
  #readings = 0
  #offered: OfferedLimit | null = null
  #remote: {
    readonly idToken: string
    readonly profile: ChargingProfile | null
    readonly until: number
  } | null = null
  readonly #cache = new Map<string, string>()
  readonly #deps: ConnectorDeps
  readonly #ways = new OwnWays()

  constructor(deps: ConnectorDeps) {
    this.#deps = deps
  }

  get offered(): OfferedLimit | null {
    return this.#offered
  }

  plugIn(vehicle: ConnectedVehicle): void {
    if (this.vehicle)
      throw new DepotError('simulator.connector-occupied', `${this.vehicle.id} is already plugged in`)
    this.vehicle = vehicle
    this.#finished = false
    this.#tryAt = 0
    this.#deps.record('plugged-in', { vehicle: vehicle.id, socPct: shown(vehicle.socPct) })
    this.#updateStatus()
    this.#seekStart(this.#deps.clock.now())
  }

  unplug(): ConnectedVehicle | null {
    const vehicle = this.vehicle
    if (!vehicle) return null
    this.end('EVDisconnected')
    vehicle.charge(null, this.#deps.clock.now(), 0)
    this.vehicle = null
    this.#finished = false
    this.#deps.record('unplugged', { vehicle: vehicle.id, socPct: shown(vehicle.socPct) })
    this.#updateStatus()
    return vehicle
  }

  /** Draws, takes samples and looks for a start, for `dtS` seconds up to `at`. */
  step(at: Instant, dtS: number, voltageV: Conductors): void {
    const { outlet } = this.#deps
    const limit = this.#currentLimit(at)
    outlet.step(this.vehicle, limit, { at, dtS, voltageV })
    this.#updateStatus()
    this.#sample(at)
    if (!this.transaction) this.#seekStart(at)
  }

  end(reason: string, idToken?: string): void {
    const { transaction } = this
    if (!transaction) return
    const at = this.#deps.clock.now()
    const meterStop = this.#deps.outlet.read(this.vehicle).registerWh
    this.transaction = null
    this.#offered = null
    this.#finished = true
    this.#deps.outlet.open()
    this.#deps.profiles.ended(transaction)
    const payload = {
      timestamp: toIso(at),
      meterStop,
      reason,
      ...(idToken === undefined ? {} : { idTag: idToken }),
    }
    this.#deps.report({ kind: 'stop', transaction, at, meterWh: meterStop, payload })
    this.#deps.record('transaction-stopped', { localId: transaction.localId, meterWh: meterStop, reason })
    if (this.#inoperativeLater) this.#operative = false
    this.#inoperativeLater = false
    this.#updateStatus()
  }

  /** A remote start without a vehicle waits ConnectionTimeOut for one. */
  startFor(idToken: string, profile: ChargingProfile | null): void {
    const at = this.#deps.clock.now()
    const waitS = this.#deps.configuration.count('ConnectionTimeOut')
    this.#remote = { idToken, profile, until: at + waitS * 1000 }
    this.#finished = false
    this.#tryAt = 0
    this.#seekStart(at)
  }

  get startable(): boolean {
    return !this.transaction && this.#operative && !this.faulted && !this.#remote
  }

  /** The answer to ChangeAvailability. */
  setOperative(operative: boolean): 'Accepted' | 'Scheduled' {
    this.#inoperativeLater = !operative && this.transaction !== null
    if (this.#inoperativeLater) return 'Scheduled'
    this.#operative = operative
    this.#updateStatus()
    return 'Accepted'
  }

  /** What keeps a reservation from being made; a vehicle that waits occupies the connector. */
  get occupation(): Occupation {
    if (this.faulted) return 'Faulted'
    if (this.transaction || this.vehicle) return 'Occupied'
    return this.#operative ? 'free' : 'Unavailable'
  }

  setFault(faulted: boolean): void {
    this.faulted = faulted
    if (faulted) this.end('Other')
    this.#updateStatus()
  }

  powerDown(reason: string): void {
    if (!this.#deps.misbehaviour().keepsTransaction) this.end(reason)
    this.#powered = false
  }

  /** Power returns after a reboot: a vehicle that is still there may start anew. */
  powerUp(): void {
    this.#powered = true
    this.#finished = false
    this.#authorizing = false
    this.#tryAt = 0
  }

  /** The CSMS is there (again): present the token without waiting. */
  contact(): void {
    this.#tryAt = Math.min(this.#tryAt, this.#deps.clock.now())
    this.#seekStart(this.#deps.clock.now())
  }

  clearCache(): void {
    this.#cache.clear()
  }

  /** What the CSMS said about the token of a transaction it has taken. */
  answered(transaction: Transaction, answer: unknown): void {
    const status = statusIn(answer)
    if (status === undefined) return
    this.#remember(transaction.idToken, status)
    const refused = status !== 'Accepted' && status !== 'ConcurrentTx'
    if (
      refused &&
      this.transaction === transaction &&
      this.#deps.configuration.flag('StopTransactionOnInvalidId')
    )
      this.end('DeAuthorized')
  }

  meterValue(context: Sample['context'], at: Instant): MeterValue {
    const { outlet, rating, configuration } = this.#deps
    const measurands = configuration.list('MeterValuesSampledData')
    const { kind, phases } = rating
    const reading = outlet.read(this.vehicle)
    const socPct = toldSoc(reading.socPct, this.#deps.misbehaviour().soc, this.#readings++)
    return meterValue({ ...reading, socPct }, { at, context, kind, phases, measurands })
  }

  statusPayload(): Readonly<Record<string, unknown>> {
    const errorCode = this.faulted ? 'InternalError' : 'NoError'
    return { connectorId: 1, errorCode, status: this.status, timestamp: toIso(this.#deps.clock.now()) }
  }

  #currentLimit(at: Instant): number | null {
    if (!this.transaction || !this.#powered) return null
    const { rating, profiles } = this.#deps
    const offered = offeredLimit(rating, profiles.installed, at, this.transaction)
    if (offered.value !== this.#offered?.value)
      this.#deps.record('limit', { value: shown(offered.value), by: offered.by })
    this.#offered = offered
    const how = this.#deps.misbehaviour()
    const limit = how.ignoresLimits ? rating.value : offered.value
    return this.#deps.offers(
      this.#ways.offers(limit, { online: this.#deps.online(), rating: rating.value, how }),
    )
  }

  #seekStart(at: Instant): void {
    if (this.#remote && at >= this.#remote.until) this.#remote = null
    if (!this.vehicle || this.transaction || !this.#powered || this.#authorizing) return
    if (this.#finished || !this.#operative || this.faulted || at < this.#tryAt) return
    const idToken = this.#remote?.idToken ?? this.vehicle.idToken
    const trusted = this.#remote !== null && !this.#deps.configuration.flag('AuthorizeRemoteTxRequests')
    if (trusted || this.#knownHere(idToken)) this.#begin(idToken)
    else if (this.#deps.online()) this.#authorize(idToken, this.vehicle)
    else this.#tryAt = at + TRY_AGAIN_S.offline * 1000
  }

  /** The station may start for this token without asking. @see OCPP 1.6 section 3.5 */
  #knownHere(idToken: string): boolean {
    const { configuration, online, localList, reservations } = this.#deps
    // What the list says of a token counts before what is remembered of it.
    const known = localList.statusOf(idToken) ?? this.#cache.get(idToken)
    const cached = known === 'Accepted' && reservations.admits(idToken, localList.parentOf(idToken))
    if (online()) return cached && configuration.flag('LocalPreAuthorize')
    return (
      (cached && configuration.flag('LocalAuthorizeOffline')) ||
      configuration.flag('AllowOfflineTxForUnknownId')
    )
  }

  #authorize(idToken: string, vehicle: ConnectedVehicle): void {
    this.#authorizing = true
    this.#deps.request('Authorize', { idTag: idToken }, (outcome) => {
      this.#authorizing = false
      const status = outcome.status === 'answered' ? statusIn(outcome.payload) : undefined
      if (status !== undefined) this.#remember(idToken, status)
      const wait = status === undefined ? TRY_AGAIN_S.failed : TRY_AGAIN_S.refused
      this.#tryAt = this.#deps.clock.now() + wait * 1000
      if (status !== undefined && status !== 'Accepted')
        this.#deps.record('authorize-refused', { idToken, status })
      const group = outcome.status === 'answered' ? parentIn(outcome.payload) : undefined
      const admitted = this.#deps.reservations.admits(idToken, group)
      const starts = admitted && this.vehicle === vehicle && !this.transaction && this.#powered
      if (status === 'Accepted' && starts) this.#begin(idToken)
    })
  }

  #begin(idToken: string): void {
    const at = this.#deps.clock.now()
    const meterStart = this.#deps.outlet.read(this.vehicle).registerWh
    const transaction: Transaction = {
      localId: ++this.#transactions,
      idToken,
      startedAt: instant(at),
      meterStartWh: meterStart,
      id: null,
    }
    this.transaction = transaction
    this.#sampledAt = at
    if (this.#remote?.profile) this.#deps.profiles.bind(this.#remote.profile, at, transaction)
    this.#remote = null
    this.#currentLimit(at)
    const reservationId = this.#deps.reservations.use()
    const reserved = reservationId === undefined ? {} : { reservationId }
    const payload = { connectorId: 1, idTag: idToken, meterStart, timestamp: toIso(at), ...reserved }
    this.#deps.report({ kind: 'start', transaction, at, meterWh: meterStart, payload })
    this.#deps.record('transaction-started', { localId: transaction.localId, idToken, meterWh: meterStart })
    this.#updateStatus()
  }

  #sample(at: Instant): void {
    const intervalMs = this.#deps.configuration.count('MeterValueSampleInterval') * 1000
    if (!this.transaction || intervalMs === 0 || at - this.#sampledAt < intervalMs) return
    this.#sampledAt = at
    const values = this.meterValue('Sample.Periodic', at)
    this.#deps.report({
      kind: 'values',
      transaction: this.transaction,
      at,
      meterWh: this.#deps.outlet.read(this.vehicle).registerWh,
      payload: { connectorId: 1, meterValue: [values] },
    })
  }

  #remember(idToken: string, status: string): void {
    if (this.#deps.configuration.flag('AuthorizationCacheEnabled')) this.#cache.set(idToken, status)
  }

  #updateStatus(): void {
    const status = this.#present()
    if (status === this.status) return
    this.status = status
    this.#deps.record('status', { status })
    this.#deps.changed()
    if (this.#deps.online()) this.#deps.request('StatusNotification', this.statusPayload(), ignore)
  }

  #present(): ConnectorStatus {
    if (this.faulted) return 'Faulted'
    if (this.transaction) {
      if (this.vehicle?.full) return 'SuspendedEV'
      if (this.#deps.outlet.drawing) return 'Charging'
      return (this.#offered?.value ?? 0) < SMALLEST[this.#deps.rating.kind] ? 'SuspendedEVSE' : 'Charging'
    }
    if (!this.#operative) return 'Unavailable'
    if (!this.vehicle) return this.#deps.reservations.held ? 'Reserved' : 'Available'
    return this.#finished ? 'Finishing' : 'Preparing'
  }
}

const shown = (amount: number): number => Math.round(amount * 10) / 10

function statusIn(answer: unknown): string | undefined {
  const parsed = AuthorizeAnswer.safeParse(answer)
  return parsed.success ? parsed.data.idTagInfo.status : undefined
}

function parentIn(answer: unknown): string | undefined {
  const parsed = AuthorizeAnswer.safeParse(answer)
  return parsed.success ? parsed.data.idTagInfo.parentIdTag : undefined
}

/** A status that gets no answer needs none: the next connection reports it anew. */
function ignore(): void {
  return
}

import { every, type Timer } from '@busbar/model/clock.ts'
import type { EvseKey, StationId } from '@busbar/model/ids.ts'
import type { ManualAct } from '../domain/charging/manual/manual-act.ts'
import { type StationRecord, stationRecords } from '../domain/charging/station.ts'
import { openIncidents } from '../domain/incidents/incident.ts'
import type { InputOf, InputType, StationCapabilities, Submit, Submitted } from '../domain/inputs.ts'
import type {
  LiveManual,
  LiveSite,
  LiveStation,
  LiveWhy,
  ManualPreview,
  TrendSample,
} from '../domain/live-site.ts'
import { openOverloads } from '../domain/load-balancing/open-overloads.ts'
import type { DecisionLog } from '../domain/ports/decision-log.ts'
import type { Projections } from '../domain/ports/projections.ts'
import { PROJECTIONS } from '../domain/projections.ts'
import { utcOffsets } from '../domain/site/utc-offset.ts'
import { attempt, type Part } from './attempt.ts'
import { closeCutOff, conformanceCancel, conformanceStart } from './conformance/start.ts'
import { Decider } from './decider.ts'
import { DecisionKeeper } from './decision-keeper.ts'
import { Depot, type DepotDeps, type DepotSetup } from './depot.ts'
import { variablesTold } from './devices/variables-told.ts'
import { fileEvent } from './files/file-event.ts'
import { firmwareWanted, logWanted } from './files/orders.ts'
import { accessRefused } from './handle/access-refused.ts'
import { authorizeToken } from './handle/authorize.ts'
import { connectorStatus } from './handle/connector-status.ts'
import { departuresSet } from './handle/departures.ts'
import { doubtSettled } from './handle/doubts.ts'
import { idTokenRemoved, idTokensSet } from './handle/id-tokens.ts'
import { limitAsked } from './handle/limit-asked.ts'
import { stationBooted, stationConnected, stationDisconnected, stationProfiled } from './handle/links.ts'
import { localListPush } from './handle/local-list.ts'
import { meterValues } from './handle/meter-values.ts'
import { meterFailure, meterReading } from './handle/meters.ts'
import { reservationCancelled, reservationEnded, reservationWanted } from './handle/reservations.ts'
import { securityNoticed } from './handle/security-noticed.ts'
import { stationCommand } from './handle/station-command.ts'
import {
  certificateRequested,
  firmwareStatus,
  logStatus,
  securityEvent,
  stationReport,
} from './handle/station-reports.ts'
import { restoreHeldEvents, transactionEvent } from './handle/transaction-events.ts'
import { transactionEnded, transactionStarted } from './handle/transactions.ts'
import { liveSite, type Particulars } from './live/live-site.ts'
import { manualView } from './live/manual-view.ts'
import { liveStations } from './live/stations.ts'
import { whyView } from './live/why-view.ts'
import { wordsFor } from './live/words.ts'
import { manualAct } from './manual/manual-act.ts'
import { previewAct } from './manual/preview.ts'
import { meterInspected, meterTest } from './meters/test-command.ts'
import { closeInterrupted, commandWithdrawn } from './outbox.ts'
import { overloadEnded } from './overloads/undo.ts'
import { passwordWanted } from './passwords/change-password.ts'
import { ocppRequest } from './raw/ocpp-request.ts'
import { reconcileAnew } from './reconcile.ts'
import { restoreDisobedience } from './releases.ts'
import { stationAdded, stationChanged, stationRemoved } from './roster/roster.ts'
import { restoreStations } from './roster/take-up.ts'
import type { Decision } from './tick.ts'
import { TREND_STEP, Trend } from './trend.ts'

type Handlers = { [T in InputType]: (depot: Depot, input: InputOf<T>) => Submitted<T> }

/** One handler for each input. */
const HANDLERS: Handlers = {
  'station-connected': stationConnected,
  'station-disconnected': stationDisconnected,
  'station-profiled': stationProfiled,
  'station-booted': stationBooted,
  'connector-status': connectorStatus,
  authorize: authorizeToken,
  'transaction-started': transactionStarted,
  'meter-values': meterValues,
  'firmware-status': firmwareStatus,
  'log-status': logStatus,
  'security-event': securityEvent,
  'security-noticed': securityNoticed,
  'certificate-requested': certificateRequested,
  'transaction-ended': (depot, input) => transactionEnded(depot, input),
  'transaction-event': transactionEvent,
  'station-report': stationReport,
  'variables-told': variablesTold,
  'meter-reading': meterReading,
  'meter-failure': meterFailure,
  'meter-inspected': meterInspected,
  'meter-test': meterTest,
  'conformance-start': conformanceStart,
  'conformance-cancel': conformanceCancel,
  'departures-set': departuresSet,
  'overload-ended': overloadEnded,
  'station-command': stationCommand,
  'command-withdrawn': commandWithdrawn,
  'doubt-settled': doubtSettled,
  'limit-asked': limitAsked,
  'ocpp-request': ocppRequest,
  'id-tokens-set': idTokensSet,
  'id-token-removed': idTokenRemoved,
  'local-list-push': localListPush,
  'reservation-wanted': reservationWanted,
  'reservation-cancelled': reservationCancelled,
  'reservation-ended': reservationEnded,
  'manual-act': manualAct,
  'access-refused': accessRefused,
  'file-event': fileEvent,
  'password-wanted': passwordWanted,
  'station-added': stationAdded,
  'station-changed': stationChanged,
  'station-removed': stationRemoved,
  'log-wanted': logWanted,
  'firmware-wanted': firmwareWanted,
}

/** Inputs that name a station but are not its own word, and so no sign of life. */
const OF_OTHERS: ReadonlySet<InputType> = new Set([
  'firmware-wanted',
  'log-wanted',
  'conformance-cancel',
  'conformance-start',
  'local-list-push',
  'password-wanted',
  'meter-test',
  'ocpp-request',
  'reservation-wanted',
  'security-noticed',
  'station-added',
  'station-changed',
  'station-command',
  'station-disconnected',
  'station-removed',
])

export interface Control {
  readonly submit: Submit
  /** Rebuilds the state from the committed facts, then runs the loop. */
  start(
    projections: Projections,
    capabilities: (station: StationRecord) => StationCapabilities,
  ): Promise<void>
  stop(): void
  live(): LiveSite
  trend(): readonly TrendSample[]
  /** The last decision and what it was made from. */
  decision(): Decision
  stations(): LiveStation[]
  /** Why an EVSE has its limit; null when there is no such EVSE. */
  why(key: EvseKey): LiveWhy | null
  manual(): LiveManual
  /** Who gains and who loses if the act were taken now; or why it is refused. */
  preview(act: ManualAct): ManualPreview | string
  /** Changes whenever an incident opens or resolves. */
  openIncidents(): string
  /** How long the last decision took, in real ms. */
  decisionMs(): number
  /** Calls `listener` after each decision; the answer undoes it. */
  onDecision(listener: () => void): () => void
  readonly depot: Depot
}

const TREND: Part = { part: 'trend', means: 'A point of the trend is missing' }

export interface ControlOptions {
  readonly setup: DepotSetup
  readonly deps: DepotDeps
  readonly particulars: Particulars
  /** Keeps decisions and sentences for whoever asks why. */
  readonly decisions: DecisionLog
  /** Runs something after the current event, so that inputs arriving together are decided together. */
  readonly soon: (run: () => void) => void
}

/** The imperative shell around the domain: takes inputs, ticks, acts and records. */
export function createControl({ setup, deps, particulars, soon, decisions }: ControlOptions): Control {
  const depot = new Depot(setup, deps)
  depot.setAnew = (station) => reconcileAnew(depot, station)
  const words = wordsFor(depot, particulars.depot.time_zone)
  depot.utcOffset = utcOffsets(particulars.depot.time_zone)
  const decider = new Decider(depot, soon)
  const keeper = new DecisionKeeper(depot, words, decisions)
  decider.onDecision(() => keeper.note(decider.latest))
  const trend = new Trend()
  let sampling: Timer | null = null
  const live = () => liveSite(depot, decider.latest, { particulars, words })

  return {
    depot,
    live,
    trend: () => trend.samples,
    stations: () => liveStations(depot),
    why: (key) => whyView(key, { depot, decision: decider.latest, words }),
    manual: () => manualView(depot),
    preview: (act) => previewAct(depot, decider.latest.evses, act),
    decision: () => decider.latest,
    decisionMs: () => decider.tookMs,
    openIncidents: () => [...depot.memory.table(openIncidents).keys()].join(),
    submit: (input) => {
      const { station } = input as { station?: StationId }
      if (station !== undefined && !OF_OTHERS.has(input.type)) depot.lastMessage.set(station, depot.now)
      return HANDLERS[input.type](depot, input)
    },
    async start(projections, capabilities) {
      await restore(depot, projections, capabilities)
      closeInterrupted(depot)
      closeCutOff(depot)
      sampling = every(deps.clock, TREND_STEP, () => attempt(depot, TREND, () => trend.add(live())))
      decider.start()
    },
    stop() {
      decider.stop()
      depot.conformance.stop()
      sampling?.cancel()
      for (const timer of depot.timers) timer.cancel()
      for (const request of depot.roomRequests) request.settle('Blocked')
      depot.roomRequests.clear()
      for (const request of depot.limitRequests) request.settle('the controller stops')
      depot.limitRequests.clear()
    },
    onDecision: (listener) => decider.onDecision(listener),
  }
}

/** Rebuilds the state from the committed facts. */
async function restore(
  depot: Depot,
  projections: Projections,
  capabilities: (station: StationRecord) => StationCapabilities,
): Promise<void> {
  for (const { name } of PROJECTIONS) depot.memory.restore(name, await projections.load(name))
  for (const record of depot.memory.table(stationRecords).values())
    if (record.vendor !== null && record.model !== null)
      depot.capabilities.set(record.station, capabilities(record))
  restoreStations(depot)
  depot.limitsRestored()
  restoreHeldEvents(depot)
  restoreDisobedience(depot)
  depot.ladders.restore(depot.memory.table(openOverloads).values())
}

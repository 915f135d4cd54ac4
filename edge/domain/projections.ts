import { idTokenRecords } from './authorization/id-token.ts'
import { localLists } from './authorization/local-lists.ts'
import { addedStations } from './charging/added-stations.ts'
import { conformanceResults } from './charging/conformance/conformance-results.ts'
import { departures } from './charging/departures.ts'
import { deviceModels } from './charging/device-model/device-model.ts'
import { doubtfulRecords } from './charging/doubtful.ts'
import { heldEvents } from './charging/held-events.ts'
import { limitDoubts } from './charging/limit-doubt.ts'
import { limitLedgers } from './charging/limit-ledger.ts'
import { doneActs } from './charging/manual/acts.ts'
import { operatingLimits } from './charging/manual/operating-limits.ts'
import { overrides } from './charging/manual/overrides.ts'
import { priorities } from './charging/manual/priorities.ts'
import { outbox } from './charging/outbox.ts'
import { reservationNumber, reservationRecords } from './charging/reservation.ts'
import { stationRecords } from './charging/station.ts'
import { stationSecrets } from './charging/station-secrets.ts'
import { stationTrust } from './charging/station-trust.ts'
import { knownTransactions, openTransactions, transactionNumber } from './charging/transaction.ts'
import { firmwareImages, inboxFiles, refusedImages } from './file-records.ts'
import { openIncidents } from './incidents/incident.ts'
import { openOverloads } from './load-balancing/open-overloads.ts'
import type { ProjectionDefinition } from './ports/projections.ts'
import { selfTestReports, stepsSeen } from './site/trust/self-tests.ts'

/** A definition whose row type only its own reader knows. */
export type AnyProjection = ProjectionDefinition<unknown>

/** Every read model the store keeps. */
export const PROJECTIONS: readonly AnyProjection[] = [
  conformanceResults,
  addedStations,
  departures,
  firmwareImages,
  deviceModels,
  doubtfulRecords,
  heldEvents,
  idTokenRecords,
  inboxFiles,
  refusedImages,
  doneActs,
  knownTransactions,
  limitDoubts,
  limitLedgers,
  localLists,
  openIncidents,
  openOverloads,
  openTransactions,
  outbox,
  reservationNumber,
  reservationRecords,
  operatingLimits,
  overrides,
  priorities,
  selfTestReports,
  stationRecords,
  stationSecrets,
  stationTrust,
  stepsSeen,
  transactionNumber,
].map((definition) => definition as AnyProjection)

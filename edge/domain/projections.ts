import { departures } from './charging/departures.ts'
import { limitLedgers } from './charging/limit-ledger.ts'
import { stationRecords } from './charging/station.ts'
import { knownTransactions, openTransactions, transactionNumber } from './charging/transaction.ts'
import { openIncidents } from './incidents/incident.ts'
import { openOverloads } from './load-balancing/open-overloads.ts'
import type { ProjectionDefinition } from './ports/projections.ts'
import { selfTestReports, stepsSeen } from './site/trust/self-tests.ts'

/** A definition whose row type only its own reader knows. */
export type AnyProjection = ProjectionDefinition<unknown>

/** Every read model the store keeps. */
export const PROJECTIONS: readonly AnyProjection[] = [
  departures,
  knownTransactions,
  limitLedgers,
  openIncidents,
  openOverloads,
  openTransactions,
  selfTestReports,
  stationRecords,
  stepsSeen,
  transactionNumber,
].map((definition) => definition as AnyProjection)

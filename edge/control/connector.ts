import { type ConnectorState, stationRecords } from '../domain/charging/station.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'

/** What the station last said of the EVSE's connector. */
export const connectorOf = (depot: Depot, evse: Evse): ConnectorState | undefined =>
  depot.memory.table(stationRecords).get(evse.station)?.connectors[String(evse.evse)]

/** Never heard of, or occupied by who knows what: a transaction that we do not know cannot be excluded. */
export const surelyIdle = (state: ConnectorState | undefined): boolean =>
  state !== undefined &&
  (state.status !== 'Occupied' || state.chargingState === 'Idle' || state.chargingState === 'EVConnected')

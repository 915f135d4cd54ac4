import { type ConnectorState, stationRecords } from '../domain/charging/station.ts'
import type { OpenTransaction } from '../domain/charging/transaction.ts'
import { type EvseUse, holdLevel } from '../domain/load-balancing/hold.ts'
import type { Level } from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'

/** Refused to obey this often: its hardware rating counts. */
const DISOBEYED = 2

/** What counts for an EVSE's hold just now. */
export function useOf(depot: Depot, evse: Evse, open = depot.transactionAt(evse.key)): EvseUse {
  const reservedUntil = depot.reservations.get(evse.key)
  return {
    evse,
    ledger: depot.ledger(evse.key),
    observation: depot.observation(evse.key),
    capabilities: depot.capabilitiesOf(evse.station),
    inUse: open !== undefined || !surelyIdle(connectorOf(depot, evse)),
    reserved: reservedUntil !== undefined && reservedUntil > depot.monotonic,
    disobeying: (depot.disobedience.get(evse.key) ?? 0) >= DISOBEYED,
  }
}

export const connectorOf = (depot: Depot, evse: Evse): ConnectorState | undefined =>
  depot.memory.table(stationRecords).get(evse.station)?.connectors[String(evse.evse)]

/** Never heard of, or seen in use without a transaction that we know: a transaction cannot be excluded. */
const surelyIdle = (state: ConnectorState | undefined): boolean =>
  state !== undefined &&
  (state.chargingState === null || state.chargingState === 'Idle' || state.chargingState === 'EVConnected')

/** An EVSE with all that a decision needs of it, worked out once a tick. */
export interface EvseNow {
  readonly evse: Evse
  readonly use: EvseUse
  readonly open: OpenTransaction | undefined
  readonly hold: Level
}

/** Every EVSE as it stands. */
export function evsesNow(depot: Depot): readonly EvseNow[] {
  const open = depot.openByEvse()
  const at = { now: depot.now, monotonic: depot.monotonic }
  return [...depot.setup.site.evses.values()].map((evse) => {
    const transaction = open.get(evse.key)
    const use = useOf(depot, evse, transaction)
    return { evse, use, open: transaction, hold: holdLevel(use, at) }
  })
}

import {
  as,
  type EvseKey,
  evseKey,
  type IdToken,
  type StationId,
  type TransactionId,
  type VehicleId,
} from '@busbar/model/ids.ts'
import type { Percent, WattHours } from '@busbar/units/electricity.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { AuthorizationStatus } from '../facts.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A transaction that has started and not ended. */
export interface OpenTransaction {
  readonly transaction: TransactionId
  readonly station: StationId
  readonly evse: number
  readonly connector: number
  readonly idToken: IdToken
  readonly authorization: AuthorizationStatus
  readonly vehicle: VehicleId | null
  readonly meterStartWh: WattHours
  readonly startedAt: Instant
  readonly registerWh: WattHours
  readonly socPct: Percent | null
}

/** Running transactions by id. */
export const openTransactions: ProjectionDefinition<OpenTransaction> = {
  name: 'open-transaction',
  keys: ({ fact }) =>
    fact.type === 'TransactionStarted' ||
    fact.type === 'TransactionEnergyRead' ||
    fact.type === 'TransactionEnded'
      ? [fact.data.transaction]
      : [],
  next: (row, { fact }) => {
    switch (fact.type) {
      case 'TransactionStarted': {
        const { transaction, station, evse, connector, vehicle, authorization } = fact.data
        return {
          transaction,
          station,
          evse,
          connector,
          vehicle,
          authorization,
          idToken: fact.data.id_token,
          meterStartWh: fact.data.meter_start_wh,
          startedAt: fact.data.started_at,
          registerWh: fact.data.meter_start_wh,
          socPct: null,
        }
      }
      case 'TransactionEnergyRead':
        return row && { ...row, registerWh: fact.data.register_wh, socPct: fact.data.soc_pct ?? row.socPct }
      case 'TransactionEnded':
        return undefined
      default:
        return row
    }
  },
}

/** What a start key led to: a repeated start gives the same transaction, and an ended one stays known. */
export interface KnownStart {
  readonly transaction: TransactionId
  readonly evse: EvseKey
  readonly authorization: AuthorizationStatus
  readonly startedAt: Instant
  readonly ended: boolean
}

/** Transactions by business key, for recognising repeated starts. @see ocpp.md 3.2 */
export const knownStarts: ProjectionDefinition<KnownStart> = {
  name: 'known-start',
  keys: ({ fact }) => (fact.type === 'TransactionStarted' ? [fact.data.start_key] : []),
  next: (row, { fact }) => {
    if (fact.type !== 'TransactionStarted') return row
    const { transaction, station, evse, authorization, started_at: startedAt } = fact.data
    return { transaction, evse: evseKey(station, evse), authorization, startedAt, ended: false }
  },
}

/** Ended transactions by id, so that a second stop is recognised and changes nothing. */
export interface EndedTransaction {
  readonly station: StationId
  readonly endedAt: Instant
  readonly evse: number
  readonly meterStopWh: WattHours
  readonly energyWh: WattHours
  /** We closed it for want of a stop; a stop that still comes corrects it. */
  readonly incomplete: boolean
}

export const endedTransactions: ProjectionDefinition<EndedTransaction> = {
  name: 'ended-transaction',
  keys: ({ fact }) =>
    fact.type === 'TransactionEnded' || fact.type === 'TransactionCorrected' ? [fact.data.transaction] : [],
  next: (row, { fact }) => {
    if (fact.type !== 'TransactionEnded' && fact.type !== 'TransactionCorrected') return row
    const {
      station,
      evse,
      ended_at: endedAt,
      meter_stop_wh: meterStopWh,
      energy_wh: energyWh,
      incomplete,
    } = fact.data
    return { station, evse, endedAt, meterStopWh, energyWh, incomplete }
  },
}

/** The highest transaction number given out; numbers are never used again. */
export const transactionNumber: ProjectionDefinition<number> = {
  name: 'transaction-number',
  keys: ({ fact }) => (fact.type === 'TransactionStarted' ? ['last'] : []),
  next: (row = 0, { fact }) =>
    fact.type === 'TransactionStarted' ? Math.max(row, Number(fact.data.transaction)) : row,
}

/** The next transaction id: decimal, 1 to 2^31-1, so that OCPP 1.6 stations can hold it. */
export const nextTransactionId = (last: number): TransactionId => as<TransactionId>(String(last + 1))

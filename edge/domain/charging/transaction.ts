import { as, type IdToken, type StationId, type TransactionId, type VehicleId } from '@busbar/model/ids.ts'
import { type Percent, type WattHours, wattHours } from '@busbar/units/electricity.ts'
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
  /** Below 0 while no register is known to count from. */
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
    fact.type === 'TransactionAuthorized' ||
    fact.type === 'TransactionStartTold' ||
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
        return (
          row && {
            ...row,
            meterStartWh: row.meterStartWh < 0 ? fact.data.register_wh : row.meterStartWh,
            registerWh: fact.data.register_wh,
            socPct: fact.data.soc_pct ?? row.socPct,
          }
        )
      case 'TransactionAuthorized': {
        const { id_token: idToken, authorization, vehicle } = fact.data
        return row && { ...row, idToken, authorization, vehicle }
      }
      case 'TransactionStartTold': {
        const { meter_start_wh: meterStartWh, started_at: startedAt } = fact.data
        return row && { ...row, meterStartWh, startedAt }
      }
      case 'TransactionEnded':
        return undefined
      default:
        return row
    }
  },
}

/** Energy delivered up to `registerWh`; 0 while no register is known to count from. */
export const energyTo = (open: Pick<OpenTransaction, 'meterStartWh'>, registerWh: number): WattHours =>
  wattHours(open.meterStartWh < 0 ? 0 : Math.max(0, registerWh - open.meterStartWh))

/** How a transaction ended. */
export interface TransactionEnd {
  readonly evse: number
  readonly meterStopWh: WattHours
  readonly energyWh: WattHours
  /** We closed it for want of a stop; a stop that still comes corrects it. */
  readonly incomplete: boolean
  /** Absent in what an earlier release has stored. */
  readonly endedAt?: Instant
  readonly reason?: string
}

/** What a station has told of one transaction, kept after its end so that a repeated message changes nothing. */
export interface KnownTransaction {
  readonly transaction: TransactionId
  /** The business key of its start. @see ocpp.md 3.2 */
  readonly startKey: string
  /** The station's own name of it, where stations name them. */
  readonly name?: string
  readonly authorization: AuthorizationStatus
  /** Null while it runs. */
  readonly end: TransactionEnd | null
}

/** Ended transactions remembered of each station: more than an offline queue brings back. */
export const REMEMBERED = 300

/** Transactions by station, oldest first: every running one and the last ended ones. */
export const knownTransactions: ProjectionDefinition<readonly KnownTransaction[]> = {
  name: 'known-transaction',
  keys: ({ fact }) => {
    switch (fact.type) {
      case 'TransactionStarted':
      case 'TransactionNamed':
      case 'TransactionAuthorized':
      case 'TransactionEnded':
      case 'TransactionCorrected':
        return [fact.data.station]
      default:
        return []
    }
  },
  next: (row = [], { fact }) => {
    if (fact.type === 'TransactionStarted') {
      const { transaction, authorization, start_key: startKey } = fact.data
      return [...row, { transaction, startKey, authorization, end: null }]
    }
    if (fact.type === 'TransactionNamed') {
      const { transaction, name } = fact.data
      return row.map((entry) => (entry.transaction === transaction ? { ...entry, name } : entry))
    }
    if (fact.type === 'TransactionAuthorized') {
      const { transaction, authorization } = fact.data
      return row.map((entry) => (entry.transaction === transaction ? { ...entry, authorization } : entry))
    }
    if (fact.type !== 'TransactionEnded' && fact.type !== 'TransactionCorrected') return row
    const { transaction, evse, incomplete, meter_stop_wh: meterStopWh, energy_wh: energyWh } = fact.data
    const { ended_at: endedAt, reason } = fact.data
    const end: TransactionEnd = { evse, meterStopWh, energyWh, incomplete, endedAt, reason }
    const known = row.map((entry) => (entry.transaction === transaction ? { ...entry, end } : entry))
    const surplus = known.filter((entry) => entry.end !== null).length - REMEMBERED
    return surplus > 0 ? withoutOldest(known, surplus) : known
  },
}

function withoutOldest(known: readonly KnownTransaction[], count: number): readonly KnownTransaction[] {
  let left = count
  return known.filter((entry) => entry.end === null || left-- <= 0)
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

import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import { type WattHours, wattHours } from '@busbar/units/electricity.ts'
import { tokenKey } from '../../domain/authorization/id-token.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import { type KnownTransaction, openTransactions } from '../../domain/charging/transaction.ts'
import type { AuthorizationStatus } from '../../domain/facts.ts'
import type { StationTime, TransactionEvent } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import type { EventOrder } from '../event-orders.ts'
import { decideOn } from '../tokens.ts'
import { connectorStatus } from './connector-status.ts'
import { meterValues, signedValueFacts, takeSamples } from './meter-values.ts'
import { openTransaction, stopUnwanted, transactionEnded } from './transactions.ts'

/** What came of an event. */
export interface Applied {
  readonly transaction: TransactionId | null
  readonly status: AuthorizationStatus | null
  readonly durable: Promise<void>
}

interface Place {
  readonly order: EventOrder
  /** The transaction it belongs to; undefined when there is none yet. */
  readonly known: KnownTransaction | undefined
}

/** Station, name and stated time of a start; without a time, of one that was never told. */
export const startKeyOf = ({
  station,
  name,
  time,
}: Pick<TransactionEvent, 'station' | 'name'> & { readonly time: StationTime | null }): string =>
  JSON.stringify([station, name, time === null ? null : time.stated])

/** Takes the event whose turn it is. What comes after the end is kept and moves nothing. */
export function applyEvent(depot: Depot, event: TransactionEvent, { order, known }: Place): Applied {
  order.evse = event.evse ?? order.evse
  order.connector = event.connector ?? order.connector
  const durables: Promise<void>[] = []
  const opened = known === undefined ? open(depot, event, order) : null
  if (opened !== null) durables.push(opened.durable)
  const asked = event.remoteStart ?? null
  if (opened !== null && asked !== null) durables.push(requested(depot, event, opened.transaction, asked))
  const transaction = opened?.transaction ?? known?.transaction ?? null
  if (transaction === null) return { transaction, status: null, durable: depot.recorder.record([]) }
  const status = opened === null ? tokenOf(depot, event, transaction) : opened.status
  durables.push(...report(depot, event, { order, transaction }))
  return {
    transaction,
    status: event.idToken === null ? null : status,
    durable: Promise.all(durables).then(() => undefined),
  }
}

/** Takes an event that was given up and came after all: it completes the books and says nothing of the present. */
export function applyLate(depot: Depot, event: TransactionEvent, place: Required<Place>): Applied {
  const known = place.known
  if (event.kind !== 'Started' || known === undefined)
    return applyEvent(depot, { ...event, offline: true }, place)
  const { transaction } = known
  const status = tokenOf(depot, event, transaction)
  return { transaction, status, durable: startTold(depot, event, known) }
}

function open(depot: Depot, event: TransactionEvent, order: EventOrder) {
  const { station, name, idToken, samples, time, offline } = event
  const told = event.kind === 'Started'
  const evses = depot.evsesOf(station)
  const only = evses.length === 1 ? evses[0]?.evse : undefined
  const start = {
    type: 'transaction-started' as const,
    station,
    evse: order.evse ?? only ?? 0,
    connector: order.connector ?? 1,
    idToken: idToken ?? as<IdToken>(''),
    meterStartWh: told ? firstRegister(samples) : wattHours(-1),
    time,
    ...((event.reservation ?? null) === null ? {} : { reservation: Number(event.reservation) }),
  }
  return openTransaction(depot, start, {
    startKey: startKeyOf({ station, name, time: told ? time : null }),
    name,
    history: offline,
    ...(told ? {} : { suspect: 'its start was not told' }),
  })
}

/** Binds the transaction to the request from afar that it follows. */
function requested(
  depot: Depot,
  { station }: TransactionEvent,
  transaction: TransactionId,
  remoteStart: number,
): Promise<void> {
  const command = depot.remoteStarts.take(station, remoteStart)
  const data = { transaction, station, remote_start: remoteStart, command }
  return depot.recorder.record([
    depot.recorder.fact('TransactionRequested', { type: 'transaction', id: transaction }, data),
  ])
}

const firstRegister = (samples: TransactionEvent['samples']): WattHours =>
  samples.find(({ registerWh }) => registerWh !== undefined)?.registerWh ?? wattHours(-1)

/** The first token of a transaction that started without one; any other is only answered. */
function tokenOf(
  depot: Depot,
  event: TransactionEvent,
  transaction: TransactionId,
): AuthorizationStatus | null {
  const { idToken, station } = event
  if (idToken === null) return null
  const running = depot.memory.table(openTransactions).get(transaction)
  if (running && tokenKey(running.idToken) === tokenKey(idToken)) return running.authorization
  const { status, vehicle } = decideOn(depot, idToken)
  if (running === undefined || running.idToken !== '' || event.kind === 'Ended') return status
  const fact = depot.recorder.fact(
    'TransactionAuthorized',
    { type: 'transaction', id: transaction },
    { transaction, station, id_token: idToken, authorization: status, vehicle },
  )
  const durable = depot.recorder.record([fact])
  depot.urge()
  if (status === 'Accepted') durable.catch(() => undefined)
  else stopUnwanted(depot, { station, transaction, durable })
  return status
}

/** State, values and end of one event. */
function report(
  depot: Depot,
  event: TransactionEvent,
  { order, transaction }: { order: EventOrder; transaction: TransactionId },
): Promise<void>[] {
  const { station, samples, time, kind, idToken, reason, record } = event
  const running = depot.memory.table(openTransactions).get(transaction)
  const evse = running?.evse ?? order.evse ?? 0
  const durables = running === undefined ? [] : stateOf(depot, event, evse)
  const signed = signedValueFacts(depot, { station, evse, transaction, samples })
  if (signed.length > 0) durables.push(depot.recorder.record(signed))
  if (kind === 'Ended') {
    const meterStopWh = samples.findLast(({ registerWh }) => registerWh !== undefined)?.registerWh ?? null
    const end = { station, transaction, meterStopWh, idToken, reason, samples, time, record }
    durables.push(transactionEnded(depot, { type: 'transaction-ended', ...end }, missing(order)).durable)
  } else if (samples.length > 0) {
    const values = { type: 'meter-values', station, evse, transaction, samples } as const
    // The register of a start is told by the start itself.
    const kept =
      kind === 'Started'
        ? depot.recorder.record([], takeSamples(depot, values))
        : meterValues(depot, values).durable
    durables.push(kept)
  }
  return durables
}

const missing = ({ missing: { count } }: EventOrder): string | null =>
  count === 0 ? null : `${count} of its events did not come`

/** Only events speak of the charging state; an end does not make a free EVSE occupied. */
function stateOf(depot: Depot, event: TransactionEvent, evse: number): Promise<void>[] {
  const { station, chargingState, offline, kind, time } = event
  if (chargingState === null || offline || evse === 0) return []
  const known = depot.memory.table(stationRecords).get(station)?.connectors[String(evse)]
  const over = kind === 'Ended' || chargingState === 'Idle'
  if (known !== undefined && known.status !== 'Occupied' && (over || known.status === 'Faulted')) return []
  const nothing = { errorCode: null, vendorError: null, info: null }
  const state = { type: 'connector-status', station, evse, connector: 1, status: 'Occupied' } as const
  return [connectorStatus(depot, { ...state, chargingState, ...nothing, time }).durable]
}

/** The true start of a transaction that was opened for want of it, and what follows for its energy. */
function startTold(depot: Depot, event: TransactionEvent, known: KnownTransaction): Promise<void> {
  const { station, samples, time } = event
  const { transaction, end } = known
  const entity = { type: 'transaction', id: transaction } as const
  const meterStartWh = firstRegister(samples)
  const told = { transaction, station, meter_start_wh: meterStartWh, started_at: time.at }
  const facts = [depot.recorder.fact('TransactionStartTold', entity, told)]
  if (end === null || meterStartWh < 0) return depot.recorder.record(facts)
  const corrected = depot.recorder.fact('TransactionCorrected', entity, {
    transaction,
    station,
    evse: end.evse,
    meter_stop_wh: end.meterStopWh,
    energy_wh: wattHours(Math.max(0, end.meterStopWh - meterStartWh)),
    ended_at: end.endedAt ?? time.at,
    reason: end.reason ?? 'Other',
    incomplete: end.incomplete,
    suspect: null,
  })
  return depot.recorder.record([...facts, corrected])
}

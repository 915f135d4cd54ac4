import { evseKey, type TransactionId } from '@busbar/model/ids.ts'
import { type WattHours, wattHours } from '@busbar/units/electricity.ts'
import { between, seconds } from '@busbar/units/time.ts'
import { authorize } from '../../domain/authorization/authorize.ts'
import {
  type EndedTransaction,
  endedTransactions,
  knownStarts,
  nextTransactionId,
  type OpenTransaction,
  openTransactions,
  transactionNumber,
} from '../../domain/charging/transaction.ts'
import type { Fact } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import { takeSamples } from './meter-values.ts'

/** A start that has been told before gives the same transaction; any other opens one. It is never refused: it happened. */
export function transactionStarted(
  depot: Depot,
  input: InputOf<'transaction-started'>,
): Submitted<'transaction-started'> {
  const key = startKey(input)
  const known = depot.memory.table(knownStarts).get(key)
  const repeated =
    known !== undefined &&
    (input.time.clock === 'synced' || depot.memory.table(openTransactions).has(known.transaction))
  if (repeated) {
    const stored = depot.recorder.record([])
    limitOnlyOnceTold(depot, known.transaction, stored)
    return { outcome: { transaction: known.transaction, status: known.authorization }, durable: stored }
  }
  const { facts, transaction, status } = newTransaction(depot, input, key)
  depot.reservations.delete(evseKey(input.station, input.evse))
  const durable = depot.recorder.record(facts)
  limitOnlyOnceTold(depot, transaction, durable)
  depot.urge()
  if (status !== 'Accepted') stopUnwanted(depot, { station: input.station, transaction, durable })
  return { outcome: { transaction, status }, durable }
}

/** The station learns the id from the answer, which waits for the disk: a limit that names it may only follow. */
function limitOnlyOnceTold(depot: Depot, transaction: TransactionId, durable: Promise<void>): void {
  depot.untold.add(transaction)
  durable.then(
    () => {
      depot.untold.delete(transaction)
      depot.urge()
    },
    () => undefined,
  )
}

function newTransaction(depot: Depot, input: InputOf<'transaction-started'>, key: string) {
  const { station, evse, connector, idToken, meterStartWh, time } = input
  const running = depot.transactionAt(evseKey(station, evse))
  const { status, vehicle } = authorize(depot.setup.fleet, idToken)
  const transaction = nextTransactionId(depot.memory.table(transactionNumber).get('last') ?? 0)
  const started = depot.recorder.fact(
    'TransactionStarted',
    { type: 'transaction', id: transaction },
    {
      transaction,
      station,
      evse,
      connector,
      vehicle,
      id_token: idToken,
      authorization: status,
      meter_start_wh: meterStartWh,
      started_at: time.at,
      start_key: key,
      suspect: running ? `started while ${running.transaction} was still open` : null,
    },
  )
  const facts: Fact[] = running ? [endOf(depot, running, 'another transaction started'), started] : [started]
  return { facts, transaction, status }
}

/** Station, connector, token, stated time and register: what makes two starts the same. @see ocpp.md 3.2 */
const startKey = ({
  station,
  connector,
  idToken,
  time,
  meterStartWh,
}: InputOf<'transaction-started'>): string =>
  JSON.stringify([station, connector, idToken, time.stated ?? time.at, meterStartWh])

/** A vehicle that may not charge is stopped from our side; its start stays on the books. */
function stopUnwanted(
  depot: Depot,
  of: { station: OpenTransaction['station']; transaction: TransactionId; durable: Promise<void> },
): void {
  of.durable
    .then(() =>
      depot.deps.commands.send(
        of.station,
        { kind: 'request-stop', transaction: of.transaction },
        { priority: 'operator', deadline: seconds(30) },
      ),
    )
    .catch(() => undefined)
}

/** Closes a transaction whose stop never came, with the last register. */
export function endOf(depot: Depot, open: OpenTransaction, suspect: string): Fact {
  return depot.recorder.fact(
    'TransactionEnded',
    { type: 'transaction', id: open.transaction },
    {
      transaction: open.transaction,
      station: open.station,
      evse: open.evse,
      meter_stop_wh: open.registerWh,
      energy_wh: energy(open, open.registerWh),
      ended_at: depot.now,
      reason: 'Other',
      incomplete: true,
      suspect,
    },
  )
}

const energy = (open: OpenTransaction, stopWh: WattHours): WattHours =>
  wattHours(Math.max(0, stopWh - open.meterStartWh))

/** The first stop wins; one that fits no transaction of this station is kept as an orphan. */
export function transactionEnded(
  depot: Depot,
  input: InputOf<'transaction-ended'>,
): Submitted<'transaction-ended'> {
  const open = findOpen(depot, input)
  if (open === undefined)
    return { outcome: undefined, durable: depot.recorder.record(unmatchedStop(depot, input)) }
  const samples = takeSamples(depot, {
    ...input,
    type: 'meter-values',
    evse: open.evse,
    transaction: open.transaction,
  })
  const fact = stopFact(depot, input, depot.memory.table(openTransactions).get(open.transaction) ?? open)
  const key = evseKey(open.station, open.evse)
  depot.lastChange.delete(key)
  depot.lastEnergyFact.delete(open.transaction)
  const durable = depot.recorder.record([fact], samples)
  depot.urge()
  return { outcome: undefined, durable }
}

function findOpen(
  depot: Depot,
  { station, transaction }: InputOf<'transaction-ended'>,
): OpenTransaction | undefined {
  const open = depot.memory.table(openTransactions)
  if (transaction !== null) {
    const named = open.get(transaction)
    return named?.station === station ? named : undefined
  }
  const atStation = [...open.values()].filter((candidate) => candidate.station === station)
  return atStation.length === 1 ? atStation[0] : undefined
}

function stopFact(depot: Depot, input: InputOf<'transaction-ended'>, open: OpenTransaction): Fact {
  const plausible = input.meterStopWh !== null && input.meterStopWh >= open.meterStartWh
  const stopWh = plausible && input.meterStopWh !== null ? input.meterStopWh : open.registerWh
  const early = between(open.startedAt, input.time.at) < 0
  const suspect = [
    input.meterStopWh === null ? 'no register in the stop; the last one is used' : null,
    input.meterStopWh !== null && !plausible
      ? `its register ${input.meterStopWh} Wh is below the start; the last one is used`
      : null,
    early ? 'it ended before it started; the time of receipt is used' : null,
  ].filter((reason) => reason !== null)
  return depot.recorder.fact(
    'TransactionEnded',
    { type: 'transaction', id: open.transaction },
    {
      transaction: open.transaction,
      station: open.station,
      evse: open.evse,
      meter_stop_wh: stopWh,
      energy_wh: energy(open, stopWh),
      ended_at: early ? depot.now : input.time.at,
      reason: input.reason,
      incomplete: false,
      suspect: suspect.length > 0 ? suspect.join('; ') : null,
    },
  )
}

/** The first stop of the station's own counts: it corrects what we closed without it; a later one that differs is kept. */
function repeatedStop(
  depot: Depot,
  input: InputOf<'transaction-ended'>,
  ended: EndedTransaction & { transaction: TransactionId },
): Fact[] {
  const { meterStopWh, station, time } = input
  if (ended.incomplete && meterStopWh !== null) {
    const startWh = ended.meterStopWh - ended.energyWh
    const data = {
      transaction: ended.transaction,
      station,
      evse: ended.evse,
      meter_stop_wh: meterStopWh,
      energy_wh: wattHours(Math.max(0, meterStopWh - startWh)),
      ended_at: time.at,
      reason: input.reason,
      incomplete: false,
      suspect: meterStopWh < startWh ? `its register ${meterStopWh} Wh is below the start` : null,
    }
    return [depot.recorder.fact('TransactionCorrected', { type: 'transaction', id: ended.transaction }, data)]
  }
  if (meterStopWh === null || meterStopWh === ended.meterStopWh) return []
  const reason = `a second stop with ${meterStopWh} Wh; the first said ${ended.meterStopWh} Wh`
  const data = { station, message: 'transaction-ended', reason, record: input.record }
  return [depot.recorder.fact('OrphanReported', { type: 'station', id: station }, data)]
}

/** A repeated stop changes nothing; a stop for what we do not know, or of another station, is kept. */
function unmatchedStop(depot: Depot, input: InputOf<'transaction-ended'>): Fact[] {
  const ended =
    input.transaction === null ? undefined : depot.memory.table(endedTransactions).get(input.transaction)
  if (ended?.station === input.station && input.transaction !== null)
    return repeatedStop(depot, input, { ...ended, transaction: input.transaction })
  const other =
    input.transaction === null ? undefined : depot.memory.table(openTransactions).get(input.transaction)
  const reason = other
    ? `it names a transaction of station ${other.station}`
    : 'it names no transaction we know'
  const data = { station: input.station, message: 'transaction-ended', reason, record: input.record }
  return [depot.recorder.fact('OrphanReported', { type: 'station', id: input.station }, data)]
}

import { evseKey, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { type WattHours, wattHours } from '@busbar/units/electricity.ts'
import { between, seconds } from '@busbar/units/time.ts'
import { sameHolder } from '../../domain/authorization/authorize.ts'
import { isRegister, LARGEST_ENERGY } from '../../domain/charging/plausible.ts'
import {
  energyTo,
  type KnownTransaction,
  knownTransactions,
  nextTransactionId,
  type OpenTransaction,
  openTransactions,
  type TransactionEnd,
  transactionNumber,
} from '../../domain/charging/transaction.ts'
import type { AuthorizationStatus, Fact } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import { forgetVehicle } from '../../domain/load-balancing/observation.ts'
import type { Depot } from '../depot.ts'
import { decideOn, particularsOf, tokenScene } from '../tokens.ts'
import { takeSamples } from './meter-values.ts'
import { usedBy } from './reservations.ts'
import { securityNoticed } from './security-noticed.ts'

/** Bytes of a message that are kept raw: as JSON within one fact, it still fits a record that the cloud takes. */
const RAW_KEPT = 32_000

/** A start that has been told before gives the same transaction; any other opens one. It is never refused: it happened. */
export function transactionStarted(
  depot: Depot,
  input: InputOf<'transaction-started'>,
): Submitted<'transaction-started'> {
  const startKey = startKeyOf(input)
  const known = knownBy(depot, input.station, (entry) => entry.startKey === startKey)
  if (known !== undefined && (input.time.clock === 'synced' || known.end === null)) {
    const { transaction, authorization: status } = known
    const stored = depot.recorder.record([])
    if (depot.untold.has(transaction)) limitOnlyOnceTold(depot, transaction, stored)
    const told = particularsOf(decideOn(depot, input.idToken))
    return { outcome: { transaction, status, ...told }, durable: stored }
  }
  const told = particularsOf(decideOn(depot, input.idToken))
  const { transaction, status, durable } = openTransaction(depot, input, { startKey })
  limitOnlyOnceTold(depot, transaction, durable)
  const stop = depot.earlyStops.take(input, depot.monotonic)
  const stored = stop === null ? durable : transactionEnded(depot, { ...stop, transaction }).durable
  return { outcome: { transaction, status, ...told }, durable: stored }
}

/** How a transaction is opened. */
export interface Opening {
  /** What makes two starts the same. */
  readonly startKey: string
  /** The station's own name of it. */
  readonly name?: string
  /** It may be over already: it says nothing of what runs now. */
  readonly history?: boolean
  readonly suspect?: string
}

/** Opens a transaction and ends the one it takes the place of. A start that is told without a token waits for it. */
export function openTransaction(
  depot: Depot,
  input: InputOf<'transaction-started'>,
  opening: Opening,
): { transaction: TransactionId; status: AuthorizationStatus; durable: Promise<void> } {
  const { facts, transaction, status, now } = newTransaction(depot, input, opening)
  if (now) {
    const key = evseKey(input.station, input.evse)
    depot.reservations.delete(key)
    depot.freeSince.delete(key)
    depot.lastChange.delete(key)
    depot.observations.set(key, forgetVehicle(depot.observation(key)))
    depot.socs.delete(key)
  }
  const durable = depot.recorder.record(facts)
  depot.urge()
  const awaitsToken = opening.name !== undefined && input.idToken === ''
  if (status !== 'Accepted' && !awaitsToken)
    stopUnwanted(depot, { station: input.station, transaction, durable })
  return { transaction, status, durable }
}

/** The newest transaction of the station for which `test` holds. */
export const knownBy = (
  depot: Depot,
  station: StationId,
  test: (entry: KnownTransaction) => boolean,
): KnownTransaction | undefined => depot.memory.table(knownTransactions).get(station)?.findLast(test)

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

function newTransaction(depot: Depot, input: InputOf<'transaction-started'>, opening: Opening) {
  const { station, evse, connector, idToken, meterStartWh, time } = input
  const { startKey, name, history = false } = opening
  const running = depot.transactionAt(evseKey(station, evse))
  const now = !history || running === undefined || between(running.startedAt, time.at) > 0
  const { status, vehicle } = decideOn(depot, idToken)
  const transaction = nextTransactionId(depot.memory.table(transactionNumber).get('last') ?? 0)
  const entity = { type: 'transaction', id: transaction } as const
  const suspect = reasons(
    opening.suspect,
    now && running && `started while ${running.transaction} was still open`,
    meterStartWh < 0 && 'no register at its start; the first one seen is used',
  )
  const started = depot.recorder.fact('TransactionStarted', entity, {
    transaction,
    station,
    evse,
    connector,
    vehicle,
    id_token: idToken,
    authorization: status,
    meter_start_wh: meterStartWh,
    started_at: time.at,
    start_key: startKey,
    suspect,
  })
  const facts: Fact[] = running && now ? [endOf(depot, running, 'another transaction started')] : []
  facts.push(started)
  if (name !== undefined)
    facts.push(depot.recorder.fact('TransactionNamed', entity, { transaction, station, name }))
  facts.push(...usedBy(depot, input, transaction))
  return { facts, transaction, status, now }
}

const reasons = (...found: readonly (string | false | undefined)[]): string | null =>
  found.filter((reason) => typeof reason === 'string').join('; ') || null

/**
 * Station, connector, token, stated time and register: what makes two starts the same. One without a time is the same
 * only while that transaction runs. @see ocpp.md 3.2
 */
const startKeyOf = (input: InputOf<'transaction-started'>): string =>
  JSON.stringify([input.station, input.connector, input.idToken, input.time.stated, input.meterStartWh])

/** A vehicle that may not charge is stopped from our side; its start stays on the books. */
export function stopUnwanted(
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
  depot.lastEnergyFact.delete(open.transaction)
  const seen = depot.observation(evseKey(open.station, open.evse)).registerWh ?? open.registerWh
  const end = { stopWh: wattHours(Math.max(open.registerWh, seen)), at: depot.now, reason: 'Other' }
  return endFact(depot, open, { ...end, incomplete: true, suspect })
}

interface End {
  readonly stopWh: WattHours
  readonly at: Depot['now']
  readonly reason: string
  readonly incomplete: boolean
  readonly suspect: string | null
}

function endFact(depot: Depot, open: OpenTransaction, end: End): Fact {
  const { transaction, station, evse } = open
  return depot.recorder.fact(
    'TransactionEnded',
    { type: 'transaction', id: transaction },
    {
      transaction,
      station,
      evse,
      meter_stop_wh: end.stopWh,
      energy_wh: energyTo(open, end.stopWh),
      ended_at: end.at,
      reason: end.reason,
      incomplete: end.incomplete,
      suspect: end.suspect,
    },
  )
}

/** The first stop wins; one that fits no transaction of this station is kept as an orphan. */
export function transactionEnded(
  depot: Depot,
  input: InputOf<'transaction-ended'>,
  doubt: string | null = null,
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
  const latest = depot.memory.table(openTransactions).get(open.transaction) ?? open
  const fact = stopFact(depot, input, { open: latest, doubt })
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

function stopFact(
  depot: Depot,
  input: InputOf<'transaction-ended'>,
  { open, doubt }: { open: OpenTransaction; doubt: string | null },
): Fact {
  const { meterStopWh, reason } = input
  const below = meterStopWh !== null && meterStopWh < open.meterStartWh
  const above = meterStopWh !== null && isBeyond(meterStopWh, open.meterStartWh)
  const early = between(open.startedAt, input.time.at) < 0
  const stranger = input.idToken !== null && !sameHolder(tokenScene(depot), input.idToken, open.idToken)
  const suspect = reasons(
    doubt ?? undefined,
    meterStopWh === null && 'no register in the stop; the last one is used',
    below && `its register ${meterStopWh} Wh is below the start; the last one is used`,
    above && `its register ${meterStopWh} Wh cannot be; the last one is used`,
    open.meterStartWh < 0 && 'no register was known to count from',
    early && 'it ended before it started; the time of receipt is used',
    stranger && 'it was stopped with a token that has nothing to do with the one that started it',
  )
  return endFact(depot, open, {
    stopWh: meterStopWh === null || below || above ? open.registerWh : meterStopWh,
    at: early ? depot.now : input.time.at,
    reason,
    incomplete: false,
    suspect,
  })
}

/** More than a meter can count or a vehicle can take. */
const isBeyond = (stopWh: number, startWh: number): boolean =>
  !isRegister(stopWh) || (startWh >= 0 && stopWh - startWh > LARGEST_ENERGY)

/** The first stop of the station's own counts: it corrects what we closed without it; a later one that differs is kept. */
function repeatedStop(
  depot: Depot,
  input: InputOf<'transaction-ended'>,
  { transaction, end }: { transaction: TransactionId; end: TransactionEnd },
): Fact[] {
  const { meterStopWh, station, time } = input
  const startWh = end.meterStopWh - end.energyWh
  if (end.incomplete && meterStopWh !== null && !isBeyond(meterStopWh, startWh)) {
    const data = {
      transaction,
      station,
      evse: end.evse,
      meter_stop_wh: meterStopWh,
      energy_wh: wattHours(Math.max(0, meterStopWh - startWh)),
      ended_at: time.at,
      reason: input.reason,
      incomplete: false,
      suspect: meterStopWh < startWh ? `its register ${meterStopWh} Wh is below the start` : null,
    }
    return [depot.recorder.fact('TransactionCorrected', { type: 'transaction', id: transaction }, data)]
  }
  if (meterStopWh === null || meterStopWh === end.meterStopWh) return []
  return [orphan(depot, input, `a second stop with ${meterStopWh} Wh; the first said ${end.meterStopWh} Wh`)]
}

export const orphan = (
  depot: Depot,
  { station, record }: Pick<InputOf<'transaction-ended'>, 'station' | 'record'>,
  reason: string,
): Fact => {
  const kept = firstBytes(record, RAW_KEPT)
  const cut = kept === record ? '' : `; only its first ${RAW_KEPT} bytes are kept`
  const data = { station, message: 'transaction-ended', reason: reason + cut, record: kept }
  return depot.recorder.fact('OrphanReported', { type: 'station', id: station }, data)
}

/** The text cut to at most so many bytes of UTF-8, between two characters. */
function firstBytes(text: string, most: number): string {
  const bytes = new Uint8Array(most)
  return text.slice(0, new TextEncoder().encodeInto(text, bytes).read)
}

/** A repeated stop changes nothing; a stop for what we do not know, or of another station, is kept. */
function unmatchedStop(depot: Depot, input: InputOf<'transaction-ended'>): Fact[] {
  const { transaction, station } = input
  if (transaction === null) {
    depot.earlyStops.keep(input, depot.monotonic)
    return [orphan(depot, input, 'it names no transaction we know')]
  }
  const end = knownBy(depot, station, (entry) => entry.transaction === transaction)?.end ?? null
  if (end !== null) return repeatedStop(depot, input, { transaction, end })
  const other = ownerOf(depot, (entry) => entry.transaction === transaction)
  if (other === null) return [orphan(depot, input, 'it names no transaction we know')]
  return foreignStop(depot, input, `it names a transaction of station ${other}`)
}

/** The station that a transaction belongs to; null when nobody's is meant. */
export function ownerOf(depot: Depot, test: (entry: KnownTransaction) => boolean): StationId | null {
  for (const [station, entries] of depot.memory.table(knownTransactions))
    if (entries.some(test)) return station as StationId
  return null
}

/** It is kept, changes nothing, and is noticed: no station knows another's transactions by accident. */
export function foreignStop(
  depot: Depot,
  input: Pick<InputOf<'transaction-ended'>, 'station' | 'record'>,
  reason: string,
): Fact[] {
  const { station } = input
  securityNoticed(depot, { notice: 'foreign-transaction', station, reason, remoteAddress: null, count: 1 })
  return [orphan(depot, input, reason)]
}

import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { heldEvents } from '../../domain/charging/held-events.ts'
import type { KnownTransaction } from '../../domain/charging/transaction.ts'
import type { InputOf, Submitted, TransactionEvent } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import type { EventOrder } from '../event-orders.ts'
import { decideOn, particularsOf } from '../tokens.ts'
import { type Applied, applyEvent, applyLate, startKeyOf } from './transaction-steps.ts'
import { foreignStop, knownBy, ownerOf } from './transactions.ts'

/** How long an event waits for the ones before it. */
const GAP = seconds(30)
/** Characters of an event that are kept while it waits; a longer one takes its turn at once. */
const LONGEST_HELD = 30_000

type Result = Submitted<'transaction-event'>

/**
 * Takes a transaction's events in the order of their numbers, whatever order they come in. A repeated one changes
 * nothing; one that comes too early is kept on disk and waits for those before it, or for the gap to be given up.
 * @see OCPP 2.0.1 E04, E13; ocpp.md 3.9
 */
export function transactionEvent(depot: Depot, input: InputOf<'transaction-event'>): Result {
  const { outcome, durable } = ordered(depot, input)
  const told = input.idToken === null ? {} : particularsOf(decideOn(depot, input.idToken))
  return { outcome: { ...outcome, ...told }, durable }
}

function ordered(depot: Depot, input: InputOf<'transaction-event'>): Result {
  const known = knownAs(depot, input)
  const heard = depot.eventOrders.of(input)
  if (known === undefined && heard === undefined && input.kind === 'Ended') {
    const owner = ownerOf(depot, ({ name, end }) => name === input.name && end === null)
    if (owner !== null) return ofAnother(depot, input, owner)
  }
  const { type: _, ...told } = input
  // One without a number is taken as the next.
  const event = told.seqNo >= 0 ? told : { ...told, seqNo: heard?.next ?? 0 }
  const starts = event.kind === 'Started'
  if (starts && opensAnew(event, known)) {
    // What is held may belong to the start that comes only now.
    const order = known === undefined && heard ? heard : depot.eventOrders.begin(event, event.seqNo)
    order.next = event.seqNo
    return inTurn(depot, event, order)
  }
  const order = heard ?? depot.eventOrders.begin(event, known === undefined ? null : event.seqNo)
  if (order.held.has(event.seqNo)) return repeated(depot, event, known)
  if (order.next === null || event.seqNo > order.next) return tooEarly(depot, event, order)
  if (event.seqNo === order.next) return inTurn(depot, event, order)
  if (!order.missing.take(event.seqNo) || known === undefined) return repeated(depot, event, known)
  return result(applyLate(depot, event, { order, known }))
}

/** Never applied: the transaction that it names runs at another station. */
function ofAnother(depot: Depot, event: TransactionEvent, owner: StationId): Result {
  const facts = foreignStop(depot, event, `it ends transaction ${event.name}, which runs at station ${owner}`)
  const status = statusOf(depot, event, undefined)
  return result({ transaction: null, status, durable: depot.recorder.record(facts) })
}

/** Events that were kept over a restart wait once more. */
export function restoreHeldEvents(depot: Depot): void {
  for (const events of depot.memory.table(heldEvents).values())
    for (const event of events) {
      const order = depot.eventOrders.of(event) ?? depot.eventOrders.begin(event, null)
      order.held.set(event.seqNo, event)
      wait(depot, order)
    }
}

const knownAs = (depot: Depot, { station, name }: TransactionEvent): KnownTransaction | undefined =>
  knownBy(depot, station, (entry) => entry.name === name)

/** A start under a used name is another transaction when it tells another time: names recur after a boot. */
const opensAnew = (event: TransactionEvent, known: KnownTransaction | undefined): boolean =>
  known === undefined ||
  (known.startKey !== startKeyOf(event) && known.startKey !== startKeyOf({ ...event, time: null }))

const result = ({ transaction, status, durable }: Applied): Result => ({
  outcome: { transaction, status },
  durable,
})

function repeated(depot: Depot, event: TransactionEvent, known: KnownTransaction | undefined): Result {
  return result({
    transaction: known?.transaction ?? null,
    status: statusOf(depot, event, known),
    durable: depot.recorder.record([]),
  })
}

/** The token of a running transaction is not asked whether it may start another. */
const statusOf = (depot: Depot, { idToken }: TransactionEvent, known: KnownTransaction | undefined) =>
  idToken === null ? null : (known?.authorization ?? decideOn(depot, idToken).status)

function inTurn(depot: Depot, event: TransactionEvent, order: EventOrder): Result {
  order.next = event.seqNo + 1
  const applied = applyEvent(depot, event, { order, known: unlessAnew(event, knownAs(depot, event)) })
  const followed = follow(depot, order)
  const durable = Promise.all([applied.durable, followed]).then(() => undefined)
  return result({ ...applied, durable })
}

const unlessAnew = (event: TransactionEvent, known: KnownTransaction | undefined) =>
  event.kind === 'Started' && opensAnew(event, known) ? undefined : known

/** Lets held events whose turn has come follow. */
async function follow(depot: Depot, order: EventOrder): Promise<void> {
  const durables: Promise<void>[] = []
  for (let next = order.next ?? 0; ; next++) {
    const event = order.held.get(next)
    if (event === undefined) break
    order.held.delete(next)
    order.next = next + 1
    durables.push(applyEvent(depot, event, { order, known: knownAs(depot, event) }).durable)
    durables.push(noteApplied(depot, event))
  }
  await Promise.all(durables)
}

function noteApplied(depot: Depot, { station, name, seqNo }: TransactionEvent): Promise<void> {
  const data = { station, name, seq_no: seqNo }
  return depot.recorder.record([
    depot.recorder.fact('TransactionEventApplied', { type: 'station', id: station }, data),
  ])
}

function tooEarly(depot: Depot, event: TransactionEvent, order: EventOrder): Result {
  if (JSON.stringify(event).length > LONGEST_HELD) {
    passOver(order, event.seqNo)
    return inTurn(depot, event, order)
  }
  order.held.set(event.seqNo, event)
  wait(depot, order)
  const { station, name, seqNo } = event
  const data = { station, name, seq_no: seqNo, event }
  const held = depot.recorder.fact('TransactionEventHeld', { type: 'station', id: station }, data)
  const known = knownAs(depot, event)
  return result({
    transaction: known?.transaction ?? null,
    status: statusOf(depot, event, known),
    durable: depot.recorder.record([held]),
  })
}

/** Gives up what has not come before `seqNo`. */
function passOver(order: EventOrder, seqNo: number): void {
  order.missing.add(order.next ?? 0, seqNo)
  order.next = seqNo
}

function wait(depot: Depot, order: EventOrder): void {
  if (order.waiting) return
  order.waiting = true
  const timer = depot.deps.clock.timer(GAP, () => {
    depot.timers.delete(timer)
    order.waiting = false
    giveUp(depot, order)
  })
  depot.timers.add(timer)
}

function giveUp(depot: Depot, order: EventOrder): void {
  const first = Math.min(...order.held.keys())
  if (!Number.isFinite(first)) return
  passOver(order, first)
  follow(depot, order).catch(() => undefined)
  if (order.held.size > 0) wait(depot, order)
}

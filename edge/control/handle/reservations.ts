import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { sameHolder } from '../../domain/authorization/authorize.ts'
import {
  type ReservationRecord,
  reservationNumber,
  reservationRecords,
} from '../../domain/charging/reservation.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { Fact, FactTypes } from '../../domain/facts.ts'
import type { InputOf, ReservationResult, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import { decideOn, tokenScene } from '../tokens.ts'

const DEADLINE = seconds(30)
const of = (reservation: number) => ({ type: 'reservation', id: String(reservation) }) as const

/** On record before the station hears of it, so that a start that uses it is never a surprise. */
export function reservationWanted(
  depot: Depot,
  input: InputOf<'reservation-wanted'>,
): Submitted<'reservation-wanted'> {
  const { station, evse, idToken, expiresAt, by } = input
  const reservation = (depot.memory.table(reservationNumber).get('last') ?? 0) + 1
  const { group } = decideOn(depot, idToken)
  const made = { reservation, station, evse, id_token: idToken, group, expires_at: expiresAt, by }
  const durable = depot.recorder.record([depot.recorder.fact('ReservationMade', of(reservation), made)])
  const command: StationCommand = { kind: 'reserve-now', reservation, evse, idToken, group, expiresAt }
  const outcome = durable.then(async (): Promise<ReservationResult> => {
    const answer = await ask(depot, station, command)
    const reason = 'reason' in answer ? answer.reason : null
    const data = { reservation, station, answer: answer.status, reason }
    await depot.recorder.record([depot.recorder.fact('ReservationAnswered', of(reservation), data)])
    return { reservation, status: answer.status, reason }
  })
  outcome.catch(() => undefined)
  return { outcome, durable }
}

const ask = (depot: Depot, station: StationId, command: StationCommand): Promise<StationAnswer> =>
  depot.deps.commands.send(station, command, { priority: 'operator', deadline: DEADLINE })

/** Over once the station says so; one that it does not know is over as well. */
export function reservationCancelled(
  depot: Depot,
  { reservation }: InputOf<'reservation-cancelled'>,
): Submitted<'reservation-cancelled'> {
  const record = depot.memory.table(reservationRecords).get(String(reservation))
  if (record === undefined) return { outcome: null, durable: Promise.resolve() }
  const { station } = record
  const outcome = ask(depot, station, { kind: 'cancel-reservation', reservation }).then(
    async (answer): Promise<ReservationResult> => {
      if (answer.status === 'accepted' || answer.status === 'rejected')
        await depot.recorder.record([ended(depot, record, { cause: 'cancelled', transaction: null })])
      return { reservation, status: answer.status, reason: 'reason' in answer ? answer.reason : null }
    },
  )
  outcome.catch(() => undefined)
  return { outcome, durable: Promise.resolve() }
}

export function reservationEnded(
  depot: Depot,
  { station, reservation, cause }: InputOf<'reservation-ended'>,
): Submitted<'reservation-ended'> {
  const record = depot.memory.table(reservationRecords).get(String(reservation))
  const facts = record?.station === station ? [ended(depot, record, { cause, transaction: null })] : []
  return { outcome: undefined, durable: depot.recorder.record(facts) }
}

/** What a start means for the reservations of its station: the one it names, or that its holder has there, is used up. */
export function usedBy(
  depot: Depot,
  start: InputOf<'transaction-started'>,
  transaction: TransactionId,
): Fact[] {
  const scene = tokenScene(depot)
  const fits = ({ reservation, evse, idToken }: ReservationRecord) =>
    reservation === start.reservation ||
    ((evse === 0 || evse === start.evse) && sameHolder(scene, idToken, start.idToken))
  const own = [...depot.memory.table(reservationRecords).values()].filter(
    ({ station }) => station === start.station,
  )
  const named = own.find(({ reservation }) => reservation === start.reservation)
  const used = named ?? own.find(fits)
  return used === undefined ? [] : [ended(depot, used, { cause: 'used', transaction })]
}

/** Reservations whose time is over, whatever their stations say. */
export function lapseReservations(depot: Depot): void {
  const over = [...depot.memory.table(reservationRecords).values()].filter(
    ({ expiresAt }) => expiresAt <= depot.now,
  )
  if (over.length > 0)
    depot.recorder.note(over.map((record) => ended(depot, record, { cause: 'expired', transaction: null })))
}

const ended = (
  depot: Depot,
  { reservation, station }: ReservationRecord,
  how: Pick<FactTypes['ReservationEnded'], 'cause' | 'transaction'>,
): Fact => depot.recorder.fact('ReservationEnded', of(reservation), { reservation, station, ...how })

import { as, type IdToken, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { instant, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { reservationRecords } from '../../domain/charging/reservation.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
const station = as<StationId>('A')
const idToken = as<IdToken>('TAG-1')

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
})

const open = () => [...stage.control.depot.memory.table(reservationRecords).values()]
const inMinutes = (n: number) => instant(stage.clock.now() + minutes(n))
const reserve = (answer: StationAnswer, evse = 1) => {
  stage.reply = ({ command }) => (command.kind === 'reserve-now' ? answer : { status: 'accepted' })
  const expiresAt = inMinutes(10)
  return stage.control.submit({ type: 'reservation-wanted', station, evse, idToken, expiresAt, by: 'ann' })
    .outcome
}

test('TC_046: a reservation is on record before the station hears of it, and over once it is used', async () => {
  expect(await reserve({ status: 'accepted' })).toEqual({ reservation: 1, status: 'accepted', reason: null })
  expect(await stage.facts('ReservationMade')).toMatchObject([
    { reservation: 1, evse: 1, id_token: 'TAG-1', by: 'ann' },
  ])
  expect(open()).toMatchObject([{ reservation: 1, state: 'accepted' }])
  const { transaction } = stage.begin('A', { token: 'TAG-1', reservation: 1 }).outcome
  await stage.settle()
  expect(await stage.facts('ReservationEnded')).toEqual([
    { reservation: 1, station, cause: 'used', transaction },
  ])
  expect(open()).toEqual([])
})

describe('a reservation is used', () => {
  test('TC_053: by any token of its group, also when the start does not name it', async () => {
    const entry = {
      status: 'Accepted',
      group: as<IdToken>('G'),
      expiresAt: null,
      vehicle: null,
      oneAtATime: false,
    } as const
    const tokens = ['TAG-1', 'OTHER'].map((text) => ({ idToken: as<IdToken>(text), ...entry }))
    stage.control.submit({ type: 'id-tokens-set', tokens, by: 'ann' })
    await reserve({ status: 'accepted' })
    stage.begin('A', { token: 'OTHER' })
    await stage.settle()
    expect(await stage.facts('ReservationEnded')).toMatchObject([{ cause: 'used' }])
  })

  test('TC_049: on any EVSE, when it is for the whole station', async () => {
    await reserve({ status: 'accepted' }, 0)
    stage.begin('A', { token: 'TAG-1' })
    await stage.settle()
    expect(await stage.facts('ReservationEnded')).toMatchObject([{ cause: 'used' }])
  })

  test('by nobody else', async () => {
    await reserve({ status: 'accepted' })
    stage.begin('A', { token: 'STRANGER' })
    await stage.settle()
    expect(open()).toHaveLength(1)
  })
})

test.each([
  ['TC_048_1', 'Faulted'],
  ['TC_048_2', 'Occupied'],
  ['TC_048_3', 'Unavailable'],
  ['TC_048_4', 'Rejected'],
])('%s: a station that says %s keeps no reservation', async (_case, reason) => {
  expect(await reserve({ status: 'rejected', reason })).toEqual({
    reservation: 1,
    status: 'rejected',
    reason,
  })
  expect(open()).toEqual([])
})

test('one that nobody answered may be kept, so it stays on record until its time is over', async () => {
  await reserve({ status: 'unanswered', reason: 'timeout', detail: '' })
  expect(open()).toMatchObject([{ state: 'unanswered' }])
  stage.clock.advance(minutes(10))
  await stage.settle()
  expect(open()).toEqual([])
})

test('TC_047: a reservation is over when its time is, without a word from the station', async () => {
  await reserve({ status: 'accepted' })
  stage.clock.advance(minutes(9))
  await stage.settle()
  expect(open()).toHaveLength(1)
  stage.clock.advance(seconds(61))
  await stage.settle()
  expect(await stage.facts('ReservationEnded')).toMatchObject([{ cause: 'expired', transaction: null }])
})

describe('a reservation that is cancelled', () => {
  const cancel = (reservation: number, answer: StationAnswer) => {
    stage.reply = () => answer
    return stage.control.submit({ type: 'reservation-cancelled', reservation, by: 'ann' }).outcome
  }

  test('TC_051 TC_052: is over when the station says so, and when it knows none', async () => {
    await reserve({ status: 'accepted' })
    expect(await cancel(1, { status: 'rejected', reason: 'Rejected' })).toMatchObject({ status: 'rejected' })
    expect(open()).toEqual([])
  })

  test('stands while the station does not answer', async () => {
    await reserve({ status: 'accepted' })
    expect(await cancel(1, { status: 'not-sent', reason: 'offline' })).toMatchObject({ status: 'not-sent' })
    expect(open()).toHaveLength(1)
  })

  test('has to exist', () => {
    expect(cancel(7, { status: 'accepted' })).toBeNull()
  })
})

test('a number is never used twice', async () => {
  await reserve({ status: 'rejected', reason: 'Occupied' })
  expect(await reserve({ status: 'accepted' })).toMatchObject({ reservation: 2 })
})

test('a station may end its own reservations only', async () => {
  await reserve({ status: 'accepted' })
  const ended = { type: 'reservation-ended', reservation: 1, cause: 'removed' } as const
  await stage.control.submit({ ...ended, station: as<StationId>('B') }).durable
  expect(open()).toHaveLength(1)
  await stage.control.submit({ ...ended, station }).durable
  expect(open()).toEqual([])
})

import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect, type RawStation } from '../testing/raw-station.ts'

let depot: DepotDouble
let client: RawStation
beforeEach(async () => {
  depot = await startDepot({ clock: new FakeClock() })
  client = await connect(`${depot.url}/CP1`, { protocols: ['ocpp2.0.1'] })
})
afterEach(() => depot.csms.stop())

test.each([
  ['Expired', 'expired'],
  ['Removed', 'removed'],
])('a reservation that the station says is %s is over here too', async (reservationUpdateStatus, cause) => {
  const update = { reservationId: 9, reservationUpdateStatus }
  expect((await client.call('ReservationStatusUpdate', update))[2]).toEqual({})
  expect(depot.of('reservation-ended')).toMatchObject([{ station: 'CP1', reservation: 9, cause }])
})

test('one of no number, or with an unknown word, is kept and ends none', async () => {
  await client.call('ReservationStatusUpdate', { reservationUpdateStatus: 'Expired' })
  await client.call('ReservationStatusUpdate', { reservationId: 9, reservationUpdateStatus: 'Lost' })
  expect(depot.of('reservation-ended')).toEqual([])
  expect(depot.of('station-report')).toHaveLength(2)
})

test('a transaction names the reservation that it uses up and the request that it follows', async () => {
  const event = {
    ...{ eventType: 'Started', triggerReason: 'RemoteStart', seqNo: 0, timestamp: '2026-11-21T18:00:00Z' },
    ...{ transactionInfo: { transactionId: 'tx', remoteStartId: 7 }, reservationId: 9 },
  }
  await client.call('TransactionEvent', event)
  expect(depot.of('transaction-event')).toMatchObject([{ reservation: 9, remoteStart: 7 }])
})

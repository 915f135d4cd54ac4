import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect, type RawStation } from '../testing/raw-station.ts'
import { CallPace } from './call-pace.ts'

test('so many calls pass at once, and so many a second from then on', () => {
  const clock = new FakeClock()
  const pace = new CallPace(clock, { burst: 3, perSecond: 2 })
  expect([pace.take(), pace.take(), pace.take()]).toEqual([null, null, null])
  expect(pace.take()).toBe(500)
  clock.advance(seconds(0.5))
  expect([pace.take(), pace.take()]).toEqual([null, 500])
  clock.advance(seconds(60))
  expect([pace.take(), pace.take(), pace.take(), pace.take()]).toEqual([null, null, null, 500])
})

let depot: DepotDouble
let clock: FakeClock
let client: RawStation
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock, limits: { callBurst: 5, callsPerSecond: 10 } })
  client = await connect(`${depot.url}/CP1`)
})
afterEach(() => depot.csms.stop())

test('S14: a station that sends a thousand at once is heard at the usual pace, in order, and loses none', async () => {
  const status = (n: number) =>
    JSON.stringify([
      2,
      `m${n}`,
      'StatusNotification',
      { connectorId: 1, status: 'Available', errorCode: 'NoError', info: `${n}` },
    ])
  for (let n = 0; n < 30; n++) client.send(status(n))
  await client.next(([, id]) => id === 'm4')
  const early = depot.of('connector-status').length
  expect(early).toBeLessThanOrEqual(5)
  while (depot.of('connector-status').length < 30) {
    clock.advance(seconds(0.1))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(depot.of('connector-status').map(({ info }) => Number(info))).toEqual(
    Array.from({ length: 30 }, (_, n) => n),
  )
})

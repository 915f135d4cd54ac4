import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StationCommand } from '../../domain/commands.ts'
import { type DepotDouble, startDepot } from './testing/depot-double.ts'
import { connect } from './testing/raw-station.ts'

const CP1 = as<StationId>('CP1')
let clock: FakeClock
let depot: DepotDouble
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock })
})
afterEach(() => depot.csms.stop())

const send = (command: StationCommand) =>
  depot.csms.commands.send(CP1, command, { priority: 'limit', deadline: seconds(30) })

test('a station boots, authorises, starts and stops', async () => {
  const station = await connect(`${depot.url}/ocpp/CP1`)
  expect(depot.inputs[0]).toMatchObject({ type: 'station-connected', connection: 1, protocol: 'ocpp1.6' })

  const boot = await station.call('BootNotification', {
    chargePointVendor: 'Busbar',
    chargePointModel: 'Virtual AC 22',
  })
  expect(boot[2]).toEqual({ status: 'Accepted', currentTime: '2026-11-21T18:00:00Z', interval: 300 })
  expect(depot.inputs[1]).toMatchObject({ stationProfile: 'busbar-virtual-ac', capabilities: { settleS: 5 } })

  expect((await station.call('Authorize', { idTag: 'BUS-1' }))[2]).toEqual({
    idTagInfo: { status: 'Accepted' },
  })
  const start = { connectorId: 1, idTag: 'BUS-1', meterStart: 1000, timestamp: '2026-11-21T18:00:00Z' }
  expect((await station.call('StartTransaction', start))[2]).toEqual({
    transactionId: 1,
    idTagInfo: { status: 'Accepted' },
  })

  const stop = { transactionId: 1, meterStop: 2000, timestamp: '2026-11-21T18:00:00Z' }
  expect((await station.call('StopTransaction', stop))[2]).toEqual({})
  await station.close()
  await depot.until((inputs) => inputs.at(-1)?.type === 'station-disconnected')
  expect(depot.csms.activity()).toEqual({ framesIn: 4, framesOut: 4, working: 0, callsPending: 0 })
})

test('a limit goes out as a leased profile of the running transaction', async () => {
  const station = await connect(`${depot.url}/ocpp/CP1`)
  const limited = send({
    kind: 'set-transaction-limit',
    evse: 1,
    transaction: as<TransactionId>('1'),
    limit: { limit_a: amps(16.19) },
    lease: seconds(90),
  })
  const [, id, action, payload] = await station.next(([type]) => type === 2)
  expect([action, payload]).toEqual([
    'SetChargingProfile',
    {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 12,
        transactionId: 1,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          startSchedule: '2026-11-21T17:59:00Z',
          duration: 150,
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.1 }],
        },
      },
    },
  ])
  expect(depot.csms.activity().callsPending).toBe(1)
  station.send(JSON.stringify([3, id, { status: 'Accepted' }]))
  expect(await limited).toEqual({ status: 'accepted' })
})

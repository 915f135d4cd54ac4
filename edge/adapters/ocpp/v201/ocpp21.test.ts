import { as, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Input } from '../../../domain/inputs.ts'
import { type DepotDouble, startDepot, station } from '../testing/depot-double.ts'
import { connect, type RawStation } from '../testing/raw-station.ts'

let depot: DepotDouble
let client: RawStation
beforeEach(async () => {
  depot = await startDepot({ clock: new FakeClock(), transactionName: (id) => `tx-${id}` })
  client = await connect(`${depot.url}/CP1`, { protocols: ['ocpp2.1'] })
})
afterEach(() => depot.csms.stop())

const alive = async () => expect((await client.call('Heartbeat', {}))[0]).toBe(3)

describe('limits of OCPP 2.1', () => {
  test('end by themselves when the station has been offline for as long as their lease', async () => {
    const sent = depot.csms.commands.send(
      station('CP1').id,
      {
        kind: 'set-transaction-limit',
        evse: 1,
        transaction: as<TransactionId>('7'),
        limit: { limit_a: amps(16) },
        lease: seconds(300),
      },
      { priority: 'limit', deadline: seconds(10) },
    )
    const [, id, , payload] = await client.next(([type]) => type === 2)
    expect(payload).toMatchObject({
      chargingProfile: { transactionId: 'tx-7', maxOfflineDuration: 300, invalidAfterOfflineDuration: true },
    })
    client.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    expect(await sent).toMatchObject({ status: 'accepted' })
  })

  test('are told anew to a station that pulls them: never more than was sent, by the number they were sent with', async () => {
    depot.onInput = (input: Input) =>
      input.type === 'limit-asked' ? { outcome: { limit: { limit_a: amps(12.38) } } } : undefined
    expect((await client.call('PullDynamicScheduleUpdate', { chargingProfileId: 32 }))[2]).toEqual({
      status: 'Accepted',
      scheduleUpdate: { limit: 12.3 },
    })
    expect(depot.of('limit-asked')).toMatchObject([{ station: 'CP1', evse: 3 }])
  })

  test.each([31, 2, 0, -32, 4711, 'x', null])(
    'are none of ours under number %s',
    async (chargingProfileId) => {
      const answer = await client.call('PullDynamicScheduleUpdate', { chargingProfileId })
      expect(answer[2]).toMatchObject({ status: 'Rejected', statusInfo: { reasonCode: 'UnknownProfile' } })
      expect(depot.of('limit-asked')).toEqual([])
    },
  )

  test('can be updated by an engineer, in the schema of that version', async () => {
    const raw = (payload: Readonly<Record<string, unknown>>) =>
      depot.csms.commands.send(
        station('CP1').id,
        { kind: 'raw', action: 'UpdateDynamicSchedule', payload },
        { priority: 'operator', deadline: seconds(10) },
      )
    expect(await raw({ chargingProfileId: 2001 })).toMatchObject({ status: 'rejected' })
    const update = { chargingProfileId: 2001, scheduleUpdate: { limit: 8 } }
    const sent = raw(update)
    const [, id, action, payload] = await client.next(([type]) => type === 2)
    expect([action, payload]).toEqual(['UpdateDynamicSchedule', update])
    client.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    expect(await sent).toMatchObject({ status: 'accepted' })
  })
})

describe('messages that only OCPP 2.1 has', () => {
  const STREAM = { id: 1, pending: 0, basetime: '2026-11-21T18:00:00Z', data: [{ t: 0, v: '1' }] }

  test('SEND is kept and not answered, and an unknown one is left', async () => {
    client.send(JSON.stringify([6, 's1', 'NotifyPeriodicEventStream', STREAM]))
    client.send(JSON.stringify([6, 's2', 'Teleport', {}]))
    await alive()
    expect(client.received).toHaveLength(1)
    expect(depot.of('station-report')).toMatchObject([{ message: 'NotifyPeriodicEventStream' }])
    expect(depot.events).toEqual([])
  })

  test('CALLRESULTERROR is logged, and however many come they are no bad messages', async () => {
    for (let n = 0; n < 20; n++) client.send('[5,"raw-1","FormatViolation","",{}]')
    await alive()
    expect(depot.lines.filter((line) => line.includes('could not read our answer'))).toHaveLength(20)
    expect(depot.events).toEqual([])
  })

  test('a stream is not opened, and one may be closed', async () => {
    const params = { constantStreamData: { id: 1, params: {}, variableMonitoringId: 1 } }
    expect((await client.call('OpenPeriodicEventStream', params))[2]).toEqual({ status: 'Rejected' })
    expect((await client.call('ClosePeriodicEventStream', { id: 1 }))[2]).toEqual({})
  })

  test('all of it is unknown in OCPP 2.0.1', async () => {
    await client.close()
    await depot.until((inputs) => inputs.some(({ type }) => type === 'station-disconnected'))
    client = await connect(`${depot.url}/CP1`, { protocols: ['ocpp2.0.1'] })
    expect((await client.call('PullDynamicScheduleUpdate', { chargingProfileId: 32 }))[2]).toBe(
      'NotImplemented',
    )
    client.send(JSON.stringify([6, 's1', 'NotifyPeriodicEventStream', STREAM]))
    await alive()
    expect(depot.of('station-report')).toEqual([])
  })
})

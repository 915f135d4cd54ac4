import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { type DepotDouble, type DoubleOptions, startDepot, station } from '../testing/depot-double.ts'
import { connect, type RawStation } from '../testing/raw-station.ts'
import { exchange, upgradeRequest } from '../testing/raw-tcp.ts'

const SECRET = 'BasicAuthPassword-01'
const basic = (user: string, secret = SECRET) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
const hash = createHash('sha256').update(SECRET).digest('hex')

let depot: DepotDouble
afterEach(() => depot.csms.stop())
async function open(of: Partial<DoubleOptions> = {}): Promise<void> {
  depot = await startDepot({ clock: new FakeClock(), stations: [station('CS1', hash)], ...of })
}
const arrive = (protocols: string[]): Promise<RawStation> =>
  connect(`${depot.url}/CS1`, { protocols, headers: { authorization: basic('CS1') } })
const ask = (authorization: string) =>
  exchange(
    depot.url,
    upgradeRequest('/CS1', { Authorization: authorization, 'Sec-WebSocket-Protocol': 'ocpp2.0.1' }),
  )
const heartbeat = async (client: RawStation) => (await client.call('Heartbeat', {}))[0]

describe('a station of OCPP 2.0.1', () => {
  test('TC_A_01: with its name and its password is let in', async () => {
    await open()
    expect(await heartbeat(await arrive(['ocpp2.0.1']))).toBe(3)
  })

  test.each([
    ['TC_A_02', 'another name', basic('CS2')],
    ['TC_A_03', 'a wrong password', basic('CS1', 'not-this-one-0123456')],
  ])('%s: with %s is not', async (_case, _what, authorization) => {
    await open()
    expect(await ask(authorization)).toMatch(/^HTTP\/1.1 401 /)
    expect(depot.inputs).toEqual([])
  })

  test('TC_B_58: is spoken to in the version that both know, and in none when there is none', async () => {
    await open()
    const client = await arrive(['ocpp9.9', 'ocpp2.0.1'])
    expect(client.socket.protocol).toBe('ocpp2.0.1')
    await client.close()
    await depot.until((inputs) => inputs.some(({ type }) => type === 'station-disconnected'))
    await expect(arrive(['ocpp9.9'])).rejects.toThrow('no subprotocol')
    expect(depot.of('station-connected')).toHaveLength(1)
  })
})

const BOOT = { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } }
const STATUS = { timestamp: '2026-11-21T18:00:00Z', connectorStatus: 'Available', evseId: 1, connectorId: 1 }
const EVENT = {
  ...{ eventType: 'Started', triggerReason: 'Authorized', seqNo: 0, timestamp: '2026-11-21T18:00:00Z' },
  transactionInfo: { transactionId: 'tx' },
}
const SECURITY = [4, expect.anything(), 'SecurityError', expect.any(String), {}]

describe('a station that is not accepted yet', () => {
  const meet = async (registration: 'Pending' | 'Rejected') => {
    await open({ stations: [{ ...station('CS1', hash), registration }] })
    return arrive(['ocpp2.0.1'])
  }
  const tell = (command: Parameters<typeof depot.csms.commands.send>[1]) =>
    depot.csms.commands.send(station('CS1').id, command, { priority: 'operator', deadline: seconds(30) })

  test('TC_B_02: is told that it is pending, and can be set up meanwhile', async () => {
    const client = await meet('Pending')
    expect((await client.call('BootNotification', BOOT))[2]).toMatchObject({ status: 'Pending' })
    const set = tell({ kind: 'get-variables', names: 'all' })
    const [, id, action, payload] = await client.next(([type]) => type === 2)
    expect(action).toBe('GetBaseReport')
    client.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    expect(await set).toMatchObject({ status: 'accepted' })
    const { requestId } = payload as { requestId: number }
    const part = { requestId, generatedAt: '2026-11-21T18:00:00Z', seqNo: 0, reportData: [] }
    expect((await client.call('NotifyReport', part))[0]).toBe(3)
  })

  test.each(['Pending', 'Rejected'] as const)(
    'TC_B_30: is refused with SecurityError while %s',
    async (of) => {
      const client = await meet(of)
      expect((await client.call('BootNotification', BOOT))[2]).toMatchObject({ status: of })
      expect(await client.call('StatusNotification', STATUS)).toEqual(SECURITY)
      expect(await client.call('TransactionEvent', EVENT)).toEqual(SECURITY)
      expect(depot.of('transaction-event')).toEqual([])
    },
  )

  test('TC_B_31: is heard with a message that it was asked for', async () => {
    const client = await meet('Pending')
    await client.call('BootNotification', BOOT)
    const asked = tell({ kind: 'trigger', message: 'Heartbeat', evse: null })
    const [, id] = await client.next(([type]) => type === 2)
    client.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    await asked
    expect(await heartbeat(client)).toBe(3)
    expect(await heartbeat(client)).toBe(4)
  })
})

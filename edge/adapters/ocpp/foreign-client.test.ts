import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { OcppClient } from 'ocpp-ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DepotDouble, startDepot, station } from './testing/depot-double.ts'

const ID = as<StationId>('FOREIGN-1')
const SECRET = 'sixteen-bytes-ok'
const NOW = '2026-11-21T18:00:00.000Z'
const authorization = `Basic ${Buffer.from(`${ID}:${SECRET}`).toString('base64')}`

/** A vehicle that draws 32 A at 230 V on three phases, or as much as it is offered. */
class ForeignStation {
  readonly client = new OcppClient(ID)
  #offeredA = 32
  transactionId = 0

  constructor() {
    this.client.on('SetChargingProfile', ({ csChargingProfiles }, answer) => {
      this.#offeredA = csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? this.#offeredA
      answer({ status: 'Accepted' })
    })
    this.client.on('RemoteStopTransaction', (_request, answer) => answer({ status: 'Accepted' }))
    this.client.on('GetConfiguration', (_request, answer) =>
      answer({
        configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '1' }],
        unknownKey: ['Nope'],
      }),
    )
  }

  async connect(url: string): Promise<void> {
    this.client.connect(`${url}/ocpp/`, { authorization })
    await once(this.client, 'connect')
  }

  async sendValues(registerWh: number): Promise<void> {
    const phase = (name: 'L1' | 'L2' | 'L3') => ({
      value: this.#offeredA.toFixed(1),
      measurand: 'Current.Import' as const,
      phase: name,
      unit: 'A' as const,
    })
    const sampledValue = [
      { value: String(registerWh) },
      {
        value: String((3 * 230 * this.#offeredA) / 1000),
        measurand: 'Power.Active.Import' as const,
        unit: 'kW' as const,
      },
      phase('L1'),
      phase('L2'),
      phase('L3'),
    ]
    await this.client.callRequest('MeterValues', {
      connectorId: 1,
      transactionId: this.transactionId,
      meterValue: [{ timestamp: NOW, sampledValue }],
    })
  }
}

let depot: DepotDouble
beforeEach(async () => {
  const secret = createHash('sha256').update(SECRET).digest('hex')
  depot = await startDepot({ clock: new FakeClock(Date.parse(NOW)), stations: [station(ID, secret)] })
})
afterEach(() => depot.csms.stop())

const send = (command: Parameters<DepotDouble['csms']['commands']['send']>[1]) =>
  depot.csms.commands.send(ID, command, { priority: 'limit', deadline: seconds(10) })

test('a charge point that is not ours boots, charges, obeys a limit and stops', async () => {
  const foreign = new ForeignStation()
  await foreign.connect(depot.url)
  const { client } = foreign

  const boot = await client.callRequest('BootNotification', {
    chargePointVendor: 'Other',
    chargePointModel: 'X',
  })
  expect(boot).toMatchObject({ status: 'Accepted', interval: 300 })
  await client.callRequest('StatusNotification', {
    connectorId: 1,
    errorCode: 'NoError',
    status: 'Preparing',
  })
  expect(await client.callRequest('Authorize', { idTag: 'BUS-7' })).toMatchObject({
    idTagInfo: { status: 'Accepted' },
  })
  const start = await client.callRequest('StartTransaction', {
    connectorId: 1,
    idTag: 'BUS-7',
    meterStart: 5000,
    timestamp: NOW,
  })
  foreign.transactionId = start.transactionId
  await foreign.sendValues(5000)

  const transaction = depot.of('meter-values')[0]?.transaction ?? as<never>('none')
  const limit = { limit_a: amps(10) }
  const lease = seconds(90)
  expect(await send({ kind: 'set-default-limit', evse: 1, limit })).toEqual({ status: 'accepted' })
  expect(await send({ kind: 'set-transaction-limit', evse: 1, transaction, limit, lease })).toEqual({
    status: 'accepted',
  })
  await foreign.sendValues(5100)
  expect(await send({ kind: 'get-variables', names: 'all' })).toEqual({
    status: 'accepted',
    variables: [{ name: 'NumberOfConnectors', value: '1', readonly: true }],
    unknown: ['Nope'],
  })
  expect(await send({ kind: 'request-stop', transaction })).toEqual({ status: 'accepted' })
  await client.callRequest('StopTransaction', {
    transactionId: foreign.transactionId,
    meterStop: 5200,
    timestamp: NOW,
    reason: 'Remote',
  })

  expectWholeStory(transaction)
})

test('a command it has no listener for is rejected, not lost', async () => {
  const foreign = new ForeignStation()
  await foreign.connect(depot.url)
  expect(await send({ kind: 'reset', mode: 'OnIdle' })).toMatchObject({ status: 'rejected' })
})

function expectWholeStory(transaction: unknown): void {
  expect(depot.inputs.map(({ type }) => type)).toEqual([
    'station-connected',
    'station-booted',
    'connector-status',
    'authorize',
    'transaction-started',
    'meter-values',
    'meter-values',
    'transaction-ended',
  ])
  expect(depot.of('meter-values').map(({ samples }) => samples[0])).toMatchObject([
    { registerWh: 5000, powerW: 22080, currentA: { l1: 32, l2: 32, l3: 32 } },
    { registerWh: 5100, powerW: 6900, currentA: { l1: 10, l2: 10, l3: 10 } },
  ])
  expect(depot.of('transaction-ended')[0]).toMatchObject({ transaction, meterStopWh: 5200, reason: 'Remote' })
}

import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Vehicle, type VehiclePlan } from '../depot/vehicle.ts'
import { seededRandom } from '../random.ts'
import { SmallCsms } from './small-csms.ts'
import type { Receipt } from './transaction-queue.ts'
import { type StationPlan, VirtualStation } from './virtual-station.ts'

const BUS: VehiclePlan = {
  id: 'B-1',
  idToken: 'TAG-1',
  batteryWh: 200_000,
  socPct: 30,
  phases: 3,
  maxAcW: 22_080,
  maxDcW: 100_000,
}
const AC: StationPlan = {
  id: 'A-01',
  rating: { kind: 'ac', value: 32, phases: 3 },
  rotation: ['l1', 'l2', 'l3'],
  secret: 'demo-A-01-0123456789',
}

let csms: SmallCsms
let clock: FakeClock
let url: string
const started: VirtualStation[] = []

beforeEach(async () => {
  csms = new SmallCsms()
  clock = new FakeClock()
  url = await csms.listen()
})
afterEach(async () => {
  for (const station of started.splice(0)) station.stop()
  await csms.close()
})

interface Bench {
  readonly station: VirtualStation
  readonly receipts: Receipt[]
  readonly events: string[]
  readonly calls: (action: string, payload: object) => Promise<object>
  readonly pass: (s: number) => Promise<void>
  readonly quiet: () => Promise<void>
}

async function bench(changes: Partial<StationPlan> = {}): Promise<Bench> {
  const receipts: Receipt[] = []
  const events: string[] = []
  const station = new VirtualStation(
    { ...AC, ...changes },
    {
      clock,
      random: seededRandom(1),
      ocppUrl: url,
      record: (kind) => events.push(kind),
      acknowledged: (receipt) => receipts.push(receipt),
    },
  )
  started.push(station)
  station.start()
  const idle = () => !station.activity().busy
  const quiet = () => vi.waitFor(() => expect(idle()).toBe(true), { interval: 1, timeout: 5000 })
  const pass = async (s: number) => {
    for (let i = 0; i < s; i++) {
      clock.advance(seconds(1))
      station.step(clock.now(), 1, [230, 230, 230])
      if (!idle()) await quiet()
    }
  }
  const calls = async (action: string, payload: object) => {
    const reply = await csms.call(station.id, action, payload)
    await quiet()
    return reply.kind === 'result' ? Object(reply.payload) : { error: reply.code }
  }
  await quiet()
  return { station, receipts, events, calls, pass, quiet }
}

const bus = (changes: Partial<VehiclePlan> = {}) => new Vehicle({ ...BUS, ...changes }, seededRandom(2))
const actions = () => csms.heard.map((heard) => heard.action)

function limit(purpose: string, amount: number, changes: Record<string, unknown> = {}) {
  const { duration, unit, transactionId, id, level } = changes
  const start = new Date(clock.now() - 60_000).toISOString()
  return {
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: id ?? (purpose === 'TxProfile' ? 2 : 1),
      stackLevel: level ?? 0,
      chargingProfilePurpose: purpose,
      chargingProfileKind: 'Absolute',
      ...(transactionId === undefined ? {} : { transactionId }),
      chargingSchedule: {
        startSchedule: start,
        ...(duration === undefined ? {} : { duration }),
        chargingRateUnit: unit ?? 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: amount }],
      },
    },
  }
}

it('connects as ocpp1.6 with HTTP Basic, boots and reports its status', async () => {
  const { station } = await bench()
  expect(csms.handshakes).toEqual([
    {
      authorization: `Basic ${Buffer.from('A-01:demo-A-01-0123456789').toString('base64')}`,
      protocol: 'ocpp1.6',
    },
  ])
  expect(actions()).toEqual(['BootNotification', 'StatusNotification', 'StatusNotification'])
  expect(csms.of('BootNotification')[0]?.payload).toMatchObject({
    chargePointVendor: 'Busbar',
    chargePointModel: 'Virtual AC 22',
    firmwareVersion: '1.0.0',
  })
  expect(csms.heard.slice(1).map((heard) => heard.payload.connectorId)).toEqual([0, 1])
  expect(station.online).toBe(true)
})

it('boots again after the interval that a pending CSMS gave, and sends nothing else until accepted', async () => {
  csms.answer = () => ({ status: 'Pending', currentTime: '2026-11-21T18:00:00Z', interval: 45 })
  const { station, pass, quiet } = await bench()
  station.plugIn(bus())
  await pass(44)
  expect(actions()).toEqual(['BootNotification'])
  csms.answer = (heard) => csms.usual(heard)
  await pass(1)
  await quiet()
  expect(actions().slice(0, 5)).toEqual([
    'BootNotification',
    'BootNotification',
    'StatusNotification',
    'StatusNotification',
    'Authorize',
  ])
})

it('authorises, starts, reports values each interval and stops when the vehicle leaves', async () => {
  const { station, receipts, pass, quiet } = await bench({ meterIntervalS: 10 })
  station.plugIn(bus())
  await quiet()
  expect(csms.of('Authorize')[0]?.payload).toEqual({ idTag: 'TAG-1' })
  await pass(30)
  station.unplug()
  await quiet()
  expect(receipts.map((receipt) => receipt.kind)).toEqual(['start', 'values', 'values', 'values', 'stop'])
  expect(csms.of('StopTransaction')[0]?.payload).toMatchObject({ transactionId: 1, reason: 'EVDisconnected' })
  const energy = receipts.map((receipt) => receipt.meterWh)
  expect(energy).toEqual(energy.toSorted((a, b) => a - b))
  expect((energy.at(-1) ?? 0) - (energy[0] ?? 0)).toBeGreaterThan(140)
  const statuses = csms.of('StatusNotification').map((heard) => heard.payload.status)
  expect(statuses).toEqual(['Available', 'Available', 'Preparing', 'Charging', 'Finishing', 'Available'])
})

it('reports current and voltage for each phase, power and energy; SoC only for DC', async () => {
  const ac = await bench()
  ac.station.plugIn(bus())
  await ac.quiet()
  await ac.pass(10)
  const measurands = (action: string) => JSON.stringify(csms.of(action).at(-1)?.payload.meterValue)
  for (const text of ['"L1"', '"L3"', '"L2-N"', 'Power.Active.Import', 'Energy.Active.Import.Register'])
    expect(measurands('MeterValues')).toContain(text)
  expect(measurands('MeterValues')).not.toContain('SoC')
  const dc = await bench({ id: 'C-01', rating: { kind: 'dc', value: 150_000, phases: 3 } })
  dc.station.plugIn(bus({ idToken: 'TAG-2' }))
  await dc.quiet()
  await dc.pass(10)
  expect(measurands('MeterValues')).toContain('SoC')
})

it('obeys a lease within the reaction time and falls back to the default when it lapses', async () => {
  const { station, calls, pass, quiet } = await bench()
  expect(await calls('SetChargingProfile', limit('TxDefaultProfile', 6))).toEqual({ status: 'Accepted' })
  station.plugIn(bus())
  await quiet()
  await pass(5)
  expect(station.read().currentA[0]).toBeLessThanOrEqual(6)
  const lease = limit('TxProfile', 20, { transactionId: station.transactionId, duration: 160 })
  expect(await calls('SetChargingProfile', lease)).toEqual({ status: 'Accepted' })
  await pass(5)
  expect(station.read().currentA[0]).toBeGreaterThan(19)
  await pass(94)
  expect(station.read().currentA[0]).toBeGreaterThan(19)
  await pass(5)
  expect(station.read().currentA[0]).toBeLessThanOrEqual(6)
  expect(station.offered).toBe(6)
})

it('rejects a TxProfile that is not for the running transaction', async () => {
  const { station, calls, quiet } = await bench()
  expect(await calls('SetChargingProfile', limit('TxProfile', 10, { transactionId: 1 }))).toEqual({
    status: 'Rejected',
  })
  station.plugIn(bus())
  await quiet()
  expect(await calls('SetChargingProfile', limit('TxProfile', 10, { transactionId: 99 }))).toEqual({
    status: 'Rejected',
  })
  expect(await calls('SetChargingProfile', limit('TxProfile', 10))).toEqual({ status: 'Rejected' })
})

it('pauses at 0 A, says so, and goes on', async () => {
  const { station, calls, pass, quiet } = await bench()
  station.plugIn(bus())
  await quiet()
  await pass(5)
  await calls('SetChargingProfile', limit('TxProfile', 0, { transactionId: 1 }))
  await pass(5)
  expect(station.read().powerW).toBe(0)
  expect(station.status).toBe('SuspendedEVSE')
  await calls('SetChargingProfile', limit('TxProfile', 16, { transactionId: 1 }))
  await pass(5)
  expect(station.status).toBe('Charging')
  expect(station.transactionId).toBe(1)
})

it('really restarts on a reset: disconnects, draws nothing, boots, keeps its profiles and starts anew', async () => {
  const { station, calls, pass, quiet } = await bench()
  await calls('SetChargingProfile', limit('TxDefaultProfile', 8))
  station.plugIn(bus())
  await quiet()
  await pass(5)
  expect(await calls('Reset', { type: 'Hard' })).toEqual({ status: 'Accepted' })
  await vi.waitFor(() => expect(station.online).toBe(false))
  await pass(1)
  expect(station.read().powerW).toBe(0)
  await pass(20)
  await quiet()
  await pass(5)
  expect(csms.of('BootNotification')).toHaveLength(2)
  expect(csms.of('StopTransaction')[0]?.payload).toMatchObject({ transactionId: 1, reason: 'HardReset' })
  expect(station.transactionId).toBe(2)
  expect(station.offered).toBe(8)
})

it('sends the stop before it goes down for a soft reset', async () => {
  const { station, calls, pass, quiet } = await bench()
  station.plugIn(bus())
  await quiet()
  await calls('Reset', { type: 'Soft' })
  expect(csms.of('StopTransaction')[0]?.payload).toMatchObject({ transactionId: 1, reason: 'SoftReset' })
  await pass(2)
  expect(station.online).toBe(false)
})

it('starts and stops on request, and answers for what it cannot do', async () => {
  const { station, calls, pass, quiet } = await bench()
  expect(await calls('RemoteStopTransaction', { transactionId: 1 })).toEqual({ status: 'Rejected' })
  expect(await calls('RemoteStartTransaction', { connectorId: 1, idTag: 'DESK' })).toEqual({
    status: 'Accepted',
  })
  station.plugIn(bus())
  await quiet()
  expect(csms.of('StartTransaction')[0]?.payload).toMatchObject({ idTag: 'DESK' })
  expect(await calls('RemoteStartTransaction', { idTag: 'DESK' })).toEqual({ status: 'Rejected' })
  expect(await calls('RemoteStopTransaction', { transactionId: 1 })).toEqual({ status: 'Accepted' })
  await pass(30)
  expect(station.status).toBe('Finishing')
  expect(csms.of('StartTransaction')).toHaveLength(1)
  expect(await calls('NoSuchAction', {})).toEqual({ error: 'NotImplemented' })
  expect(await calls('constructor', {})).toEqual({ error: 'NotImplemented' })
  expect(await calls('ReserveNow', {})).toEqual({ error: 'FormationViolation' })
  expect(await calls('SetChargingProfile', { connectorId: 1 })).toEqual({ error: 'FormationViolation' })
})

it('reads and changes its configuration, and samples at the new interval', async () => {
  const { station, calls, pass, quiet } = await bench()
  expect(await calls('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '2' })).toEqual({
    status: 'Accepted',
  })
  const change = (key: string, value: string) => calls('ChangeConfiguration', { key, value })
  expect(await change('NumberOfConnectors', '2')).toEqual({ status: 'Rejected' })
  expect(await change('HeartbeatInterval', 'soon')).toEqual({ status: 'Rejected' })
  expect(await change('NoSuchKey', '1')).toEqual({ status: 'NotSupported' })
  expect(await calls('GetConfiguration', { key: ['MeterValueSampleInterval', 'Nope'] })).toEqual({
    configurationKey: [{ key: 'MeterValueSampleInterval', readonly: false, value: '2' }],
    unknownKey: ['Nope'],
  })
  station.plugIn(bus())
  await quiet()
  await pass(6)
  expect(csms.of('MeterValues')).toHaveLength(3)
})

it('sends what is triggered, after the answer', async () => {
  const { calls } = await bench()
  for (const requestedMessage of ['BootNotification', 'Heartbeat', 'MeterValues']) {
    const before = csms.of(requestedMessage).length
    expect(await calls('TriggerMessage', { requestedMessage })).toEqual({ status: 'Accepted' })
    expect(csms.of(requestedMessage)).toHaveLength(before + 1)
  }
  expect(await calls('TriggerMessage', { requestedMessage: 'NoSuchMessage' })).toEqual({
    status: 'NotImplemented',
  })
})

it('becomes unavailable at once when idle and after the transaction when not', async () => {
  const { station, calls, quiet } = await bench()
  const change = (type: string) => calls('ChangeAvailability', { connectorId: 1, type })
  expect(await change('Inoperative')).toEqual({ status: 'Accepted' })
  expect(station.status).toBe('Unavailable')
  await change('Operative')
  station.plugIn(bus())
  await quiet()
  expect(await change('Inoperative')).toEqual({ status: 'Scheduled' })
  station.unplug()
  await quiet()
  expect(station.status).toBe('Unavailable')
})

it('beats at the interval the CSMS gave', async () => {
  const { pass } = await bench()
  await pass(301)
  expect(csms.of('Heartbeat')).toHaveLength(1)
})

it('can be told to draw what it likes', async () => {
  const { station, calls, pass, quiet } = await bench()
  await calls('SetChargingProfile', limit('TxDefaultProfile', 6))
  station.ignoreLimits(true)
  station.plugIn(bus())
  await quiet()
  await pass(5)
  expect(station.read().currentA[0]).toBeGreaterThan(30)
})

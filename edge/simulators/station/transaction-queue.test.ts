import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Vehicle } from '../depot/vehicle.ts'
import { seededRandom } from '../random.ts'
import { type Heard, SmallCsms } from './small-csms.ts'
import { type Receipt, TransactionQueue } from './transaction-queue.ts'
import { VirtualStation } from './virtual-station.ts'

let csms: SmallCsms
let clock: FakeClock
let station: VirtualStation
let receipts: Receipt[]
let events: string[]

const quiet = () => vi.waitFor(() => expect(station.activity().busy).toBe(false), { interval: 1 })

async function pass(s: number): Promise<void> {
  for (let i = 0; i < s; i++) {
    clock.advance(seconds(1))
    station.step(clock.now(), 1, [230, 230, 230])
    if (station.activity().busy && !holding) await quiet()
  }
}
/** The CSMS keeps an answer back, so that the station never comes to rest. */
let holding = false

const bus = () =>
  new Vehicle(
    { id: 'B-1', idToken: 'TAG-1', batteryWh: 2e5, socPct: 30, phases: 3, maxAcW: 22_080, maxDcW: 1e5 },
    seededRandom(2),
  )
const transactionCalls = (from = 0) =>
  csms.heard
    .slice(from)
    .filter(({ action }) => ['StartTransaction', 'MeterValues', 'StopTransaction'].includes(action))
const timeOf = ({ payload }: Heard): string =>
  String(payload.timestamp ?? /"timestamp":"([^"]+)"/.exec(JSON.stringify(payload))?.[1])

beforeEach(async () => {
  csms = new SmallCsms()
  clock = new FakeClock()
  receipts = []
  events = []
  holding = false
  station = new VirtualStation(
    {
      id: 'A-01',
      rating: { kind: 'ac', value: 32, phases: 3 },
      rotation: ['l1', 'l2', 'l3'],
      secret: 'demo-A-01-0123456789',
    },
    {
      clock,
      random: seededRandom(1),
      ocppUrl: await csms.listen(),
      record: (kind) => events.push(kind),
      acknowledged: (receipt) => receipts.push(receipt),
    },
  )
  station.start()
  await quiet()
})
afterEach(async () => {
  station.stop()
  await csms.close()
})

it('keeps charging without the link and tells everything afterwards, in order, with the times it happened', async () => {
  station.plugIn(bus())
  await quiet()
  await pass(5)
  station.cutLink()
  await pass(40)
  expect(station.read().powerW).toBeGreaterThan(20_000)
  station.unplug()
  await pass(5)
  station.plugIn(bus())
  await pass(21)
  expect(station.charging).toBe(true)
  expect(station.transactionId).toBe(null)
  const before = csms.heard.length
  const restored = new Date(clock.now()).toISOString()
  station.restoreLink()
  await vi.waitFor(() => expect(station.queued).toBe(0), { interval: 1 })
  const told = transactionCalls(before)
  expect(told.map((heard) => heard.action)).toEqual([
    'MeterValues',
    'MeterValues',
    'MeterValues',
    'MeterValues',
    'StopTransaction',
    'StartTransaction',
    'MeterValues',
    'MeterValues',
  ])
  expect(told.map((heard) => heard.payload.transactionId)).toEqual([1, 1, 1, 1, 1, undefined, 2, 2])
  const times = told.map(timeOf)
  expect(times).toEqual(times.toSorted())
  expect((times.at(-1) ?? '') < restored).toBe(true)
  expect(station.transactionId).toBe(2)
})

it('sends what waits before what happens next', async () => {
  station.plugIn(bus())
  await quiet()
  station.cutLink()
  await pass(20)
  station.restoreLink()
  station.unplug()
  await vi.waitFor(() => expect(station.queued).toBe(0), { interval: 1 })
  expect(transactionCalls().map((heard) => heard.action)).toEqual([
    'StartTransaction',
    'MeterValues',
    'MeterValues',
    'StopTransaction',
  ])
})

it('does not start offline for a token it does not know', async () => {
  station.cutLink()
  station.plugIn(bus())
  await pass(60)
  expect(station.charging).toBe(false)
  station.restoreLink()
  await vi.waitFor(() => expect(station.transactionId).toBe(1), { interval: 1 })
})

it('dials again by itself, later and later, and does not boot anew', async () => {
  csms.drop('A-01')
  await vi.waitFor(() => expect(events).toContain('disconnected'), { interval: 1 })
  await pass(1)
  await vi.waitFor(() => expect(station.online).toBe(true), { interval: 1 })
  await quiet()
  expect(csms.of('BootNotification')).toHaveLength(1)
  expect(csms.of('StatusNotification')).toHaveLength(4)
})

it('repeats a transaction message without an answer, and takes the answer to whichever copy comes', async () => {
  csms.answer = (heard) => (heard.action === 'StartTransaction' ? null : csms.usual(heard))
  holding = true
  station.plugIn(bus())
  await vi.waitFor(() => expect(csms.of('StartTransaction')).toHaveLength(1), { interval: 1 })
  await pass(39)
  expect(csms.of('StartTransaction')).toHaveLength(1)
  await pass(1)
  await vi.waitFor(() => expect(csms.of('StartTransaction')).toHaveLength(2), { interval: 1 })
  const [first, second] = csms.of('StartTransaction')
  expect(second?.payload).toEqual(first?.payload)
  expect(second?.id).not.toBe(first?.id)
  if (first) csms.late(first, { transactionId: 5, idTagInfo: { status: 'Accepted' } })
  await vi.waitFor(() => expect(station.transactionId).toBe(5), { interval: 1 })
  await vi.waitFor(() => expect(station.queued).toBe(0), { interval: 1 })
  expect(receipts.filter((receipt) => receipt.kind === 'start')).toHaveLength(1)
})

it('waits longer before each attempt and gives up after as many as configured', async () => {
  await csms.call('A-01', 'ChangeConfiguration', { key: 'TransactionMessageAttempts', value: '3' })
  csms.answer = (heard) => (heard.action === 'StartTransaction' ? null : csms.usual(heard))
  holding = true
  station.plugIn(bus())
  const attempt = (n: number) =>
    vi.waitFor(() => expect(csms.of('StartTransaction')).toHaveLength(n), { interval: 1 })
  await attempt(1)
  await pass(30 + 10)
  await attempt(2)
  await pass(30 + 20)
  await attempt(3)
  await pass(31)
  expect(events).toContain('given-up')
  await vi.waitFor(() => expect(csms.of('MeterValues').length).toBeGreaterThan(0), { interval: 1 })
  expect(csms.of('MeterValues')[0]?.payload.transactionId).toBe(-1)
})

it('keeps an unanswered message over a lost connection without counting it as a failure', async () => {
  csms.answer = (heard) => (heard.action === 'StartTransaction' ? null : csms.usual(heard))
  holding = true
  station.plugIn(bus())
  await vi.waitFor(() => expect(csms.of('StartTransaction')).toHaveLength(1), { interval: 1 })
  for (let n = 2; n <= 15; n++) {
    csms.drop('A-01')
    await vi.waitFor(() => expect(station.online).toBe(false), { interval: 1 })
    await pass(1)
    await vi.waitFor(() => expect(csms.of('StartTransaction')).toHaveLength(n), { interval: 1 })
  }
  expect(events).not.toContain('given-up')
})

it('stops a transaction that the CSMS refuses, after telling it of the start', async () => {
  csms.answer = (heard) =>
    heard.action === 'StartTransaction'
      ? { transactionId: 9, idTagInfo: { status: 'Blocked' } }
      : csms.usual(heard)
  station.plugIn(bus())
  await quiet()
  await vi.waitFor(() => expect(csms.of('StopTransaction')).toHaveLength(1), { interval: 1 })
  expect(csms.of('StopTransaction')[0]?.payload).toMatchObject({ transactionId: 9, reason: 'DeAuthorized' })
})

it('a half-open link stops everything, and ends with a new connection', async () => {
  station.plugIn(bus())
  await quiet()
  station.cutLink('silent')
  await pass(20)
  expect(transactionCalls().map((heard) => heard.action)).toEqual(['StartTransaction'])
  station.restoreLink()
  await vi.waitFor(() => expect(station.queued).toBe(0), { interval: 1 })
  expect(csms.handshakes).toHaveLength(2)
})

it('full, drops meter values between others and never a start or a stop', () => {
  const queue = new TransactionQueue({
    clock,
    retry: () => ({ attempts: 3, intervalS: 1 }),
    acknowledged: () => undefined,
    givenUp: () => undefined,
    ready: () => undefined,
    said: (_report, call) => call,
  })
  const at = clock.now()
  const transaction = { localId: 1, idToken: 'T', startedAt: at, meterStartWh: 0, id: null }
  const add = (kind: 'start' | 'values' | 'stop') =>
    queue.add({ kind, transaction, at, meterWh: 0, payload: { kind } })
  add('start')
  for (let i = 0; i < 12_000; i++) add('values')
  add('stop')
  expect(queue.length).toBeLessThanOrEqual(5001)
  const left: string[] = []
  for (let call = queue.next(); call; call = queue.next()) {
    left.push(call.action)
    call.done({ status: 'answered', payload: { transactionId: 1 } })
  }
  expect([left[0], left.at(-1)]).toEqual(['StartTransaction', 'StopTransaction'])
})

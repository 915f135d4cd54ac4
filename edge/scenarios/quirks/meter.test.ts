import { afterAll, beforeAll, expect, test } from 'vitest'
import { QuirkDepot } from './quirk-depot.ts'

const ODD = {
  'zero-1': { quirks: { 'meter.connector-zero': 'as-connector-1' } },
  'zero-x': { quirks: { 'meter.connector-zero': 'ignore' } },
  'zero-sum': { quirks: { 'meter.connector-zero': 'sum' } },
  register: { quirks: { 'meter.register': 'transaction' } },
  wraps: { quirks: { 'meter.register-max': 500 } },
  baseline: { quirks: { 'meter.baseline': 'ignore-zero' } },
  first: { quirks: { 'meter.baseline': 'first-sample' } },
  'first-201': { quirks: { 'meter.baseline': 'ignore-zero' }, version: '2.0.1' },
  values: { quirks: { 'meter.energy-source': 'meter-values' } },
  stops: { quirks: { 'meter.energy-source': 'transaction' } },
  late: { quirks: { 'meter.late-values-s': 60 } },
  totals: { quirks: { 'meter.totals': 'recompute' } },
  current: { quirks: { 'meter.power': 'from-current' } },
  energy: { quirks: { 'meter.power': 'from-energy' } },
  phases: { quirks: { 'meter.phase-order': '312' } },
  export: { quirks: { 'meter.direction': 'export-means-import' } },
  clock: { quirks: { 'meter.keep-clock-samples': true } },
  quiet: { quirks: { 'meter.no-trigger': true } },
} as const
type Id = keyof typeof ODD
const IDS = Object.keys(ODD) as Id[]

let depot: QuirkDepot
const startWh: Record<string, number> = {}
const endWh: Record<string, number> = {}
beforeAll(async () => {
  depot = await QuirkDepot.start(ODD)
  for (const id of IDS) {
    startWh[id] = depot.at(id).read().registerWh
    depot.plugIn(id, id === 'phases' ? { phases: 1 } : {})
  }
  await depot.pass(150)
})
afterAll(() => depot.stop())

/** What the depot has booked once the vehicle is gone, and what has really flowed, Wh. */
async function booked(id: Id): Promise<{ booked: number | undefined; flowed: number }> {
  depot.at(id).unplug()
  endWh[id] = depot.at(id).read().registerWh
  await depot.pass(10)
  const [transaction, ...more] = await depot.transactions(id)
  expect(more).toEqual([])
  return { booked: transaction?.energy_wh, flowed: (endWh[id] ?? 0) - (startWh[id] ?? 0) }
}
const drawnW = (id: Id) => depot.at(id).read().powerW

test('meter.connector-zero as-connector-1: values of connector 0 are those of the one EVSE', () => {
  expect(depot.drawA('zero-1')).toBeGreaterThan(20)
  expect(depot.seen('zero-1').current_a.l1).toBeCloseTo(depot.drawA('zero-1'), 0)
})

test("meter.connector-zero ignore: what the station itself takes is nobody's draw", async () => {
  const { booked: wh, flowed } = await booked('zero-x')
  const [transaction] = await depot.transactions('zero-x')
  const read = (await depot.facts('TransactionEnergyRead')).filter(
    (fact) => fact.transaction === transaction?.transaction,
  )
  expect(Math.max(...read.map(({ energy_wh }) => energy_wh))).toBeLessThanOrEqual(flowed)
  expect(wh).toBe(flowed)
})

test('meter.connector-zero sum: a sum of all connectors is no draw of one, and the energy is that of the stop', async () => {
  expect(depot.seen('zero-sum').energy_wh).toBe(0)
  const { booked: wh, flowed } = await booked('zero-sum')
  expect(wh).toBe(flowed)
})

test('meter.register transaction: a register that begins anew after each start counts what flowed', async () => {
  const { booked: wh, flowed } = await booked('register')
  expect(wh).toBe(flowed)
  expect(
    (await depot.facts('TransactionStarted')).find(({ station }) => station === 'register'),
  ).toMatchObject({
    meter_start_wh: 0,
    suspect: null,
  })
})

test('meter.register-max: a register that wraps goes on counting', async () => {
  const { booked: wh, flowed } = await booked('wraps')
  expect(flowed).toBeGreaterThan(ODD.wraps.quirks['meter.register-max'] * 0.8)
  expect(wh).toBe(flowed)
})

test('meter.baseline ignore-zero: a placeholder of 0 at the start is not billed from', async () => {
  const { booked: wh, flowed } = await booked('baseline')
  expect(wh).toBeGreaterThan(flowed * 0.8)
  expect(wh).toBeLessThanOrEqual(flowed)
})

test('meter.baseline ignore-zero: nor is one in the first event of OCPP 2.0.1', async () => {
  const { booked: wh, flowed } = await booked('first-201')
  expect(wh).toBeGreaterThan(flowed * 0.8)
  expect(wh).toBeLessThanOrEqual(flowed)
})

test('meter.baseline first-sample: a wrong register at the start gives way to the first that is sampled', async () => {
  const { booked: wh, flowed } = await booked('first')
  expect(wh).toBeGreaterThan(flowed * 0.8)
  expect(wh).toBeLessThanOrEqual(flowed)
})

test('meter.energy-source meter-values: a stop that repeats the register of the start does not undo the energy', async () => {
  const { booked: wh, flowed } = await booked('values')
  expect(wh).toBeGreaterThan(flowed * 0.8)
  expect(wh).toBeLessThanOrEqual(flowed)
})

test('meter.energy-source transaction: registers in between mean nothing, and the stop tells the energy', async () => {
  expect(depot.seen('stops').energy_wh).toBe(0)
  const { booked: wh, flowed } = await booked('stops')
  expect(wh).toBe(flowed)
})

test('meter.late-values-s: values after the stop are no draw of an EVSE that is free', async () => {
  const { booked: wh, flowed } = await booked('late')
  expect(wh).toBe(flowed)
  expect(depot.heldA('late')).toBe(0)
  expect(depot.seen('late').actual_w).not.toBeGreaterThan(0)
})

test('meter.totals recompute: a total that contradicts its phases gives way to their sum', () => {
  expect(depot.seen('totals').actual_w).toBeCloseTo(drawnW('totals'), -3)
})

test('meter.power from-current: a power of 0 beside currents is worked out anew', () => {
  expect(depot.seen('current').actual_w).toBeCloseTo(drawnW('current'), -3)
})

test('meter.power from-energy: power is how fast the register grows', () => {
  expect(Math.abs((depot.seen('energy').actual_w ?? 0) - drawnW('energy'))).toBeLessThan(
    drawnW('energy') / 10,
  )
})

test('meter.phase-order: a vehicle on one phase loads the conductor it is really on', () => {
  expect(depot.seen('phases').phases).toEqual(['l1'])
  expect(depot.seen('phases').current_a).toMatchObject({ l1: expect.closeTo(depot.drawA('phases'), 0) })
})

test('meter.direction export-means-import: what a station says it exports it draws', async () => {
  expect(depot.seen('export').current_a.l1).toBeCloseTo(depot.drawA('export'), 0)
  expect(depot.seen('export').energy_wh).toBeGreaterThan(0)
  const { booked: wh, flowed } = await booked('export')
  expect(wh).toBe(flowed)
})

test('meter.keep-clock-samples: a station that sends values by the clock alone is read by them', () => {
  expect(depot.seen('clock').current_a.l1).toBeCloseTo(depot.drawA('clock'), 0)
  expect(depot.seen('clock').energy_wh).toBeGreaterThan(0)
})

test('meter.no-trigger: a station that refuses to send values when asked is not asked', async () => {
  const refused = await depot.ask('quiet', { kind: 'trigger', message: 'MeterValues', evse: 1 })
  expect(refused).toMatchObject({ status: 'rejected', reason: expect.stringContaining('when asked') })
})

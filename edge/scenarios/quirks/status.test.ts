import { as, type StationId } from '@busbar/model/ids.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stationRecords } from '../../domain/charging/station.ts'
import { incidentCodes } from '../four-on-a-feeder.ts'
import { QuirkDepot } from './quirk-depot.ts'

const ODD = {
  plugged: { quirks: { 'status.available-while-plugged': true } },
  'plugged-201': { quirks: { 'status.available-while-plugged': true }, version: '2.0.1' },
  harmless: { quirks: { 'status.ignore-error-in': ['Finishing'] } },
  words: { quirks: { 'status.enum-map': { Broken: 'Faulted', Boom: 'InternalError' } } },
  each: { quirks: { 'status.trigger-connector': 'each' } },
  zero: { quirks: { 'status.trigger-connector': 'zero' } },
  none: { quirks: { 'status.trigger-connector': 'none' } },
  evbox: { quirks: { 'status.from-data-transfer': 'evbox' } },
} as const
type Id = keyof typeof ODD

let depot: QuirkDepot
beforeAll(async () => {
  depot = await QuirkDepot.start(ODD)
  for (const id of ['plugged', 'plugged-201', 'harmless', 'evbox'] as const) depot.plugIn(id)
  await depot.pass(20)
})
afterAll(() => depot.stop())

const connector = (id: Id) => {
  const records = depot.test.edge.control.depot.memory.table(stationRecords)
  return records.get(as<StationId>(id))?.connectors['1']
}
const stop = (id: Id) => depot.ask(id, { kind: 'request-stop', transaction: depot.seen(id).transaction })

test('status.available-while-plugged: after a stop the vehicle counts as there until the station says more', async () => {
  await stop('plugged')
  await depot.pass(5)
  expect(depot.at('plugged').vehicle).not.toBeNull()
  expect(connector('plugged')).toMatchObject({ status: 'Occupied' })
  depot.at('plugged').unplug()
  await depot.pass(3)
  expect(connector('plugged')).toMatchObject({ status: 'Available' })
})

test('status.available-while-plugged: in OCPP 2.0.1, where it says no more when the vehicle leaves, until the next one', async () => {
  await stop('plugged-201')
  await depot.pass(5)
  expect(connector('plugged-201')).toMatchObject({ status: 'Occupied', chargingState: 'Idle' })
  depot.at('plugged-201').unplug()
  depot.plugIn('plugged-201')
  await depot.until('the next one charges', () => depot.at('plugged-201').charging)
})

test('status.ignore-error-in: an error that is none of a connector that finishes is not shown', async () => {
  await stop('harmless')
  await depot.pass(5)
  expect(depot.at('harmless').status).toBe('Finishing')
  expect(connector('harmless')).toMatchObject({ status: 'Occupied', errorCode: null })
})

test('status.enum-map: its own words for a fault are read as those of the standard', async () => {
  depot.at('words').fault(true)
  await depot.pass(3)
  expect(connector('words')).toMatchObject({ status: 'Faulted', errorCode: 'InternalError' })
  depot.at('words').fault(false)
})

test.each(['each', 'zero', 'none'] as const)(
  'status.trigger-connector %s: it tells its state when asked',
  async (id) => {
    const answer = await depot.ask(id, { kind: 'trigger', message: 'StatusNotification', evse: 1 })
    expect(answer).toMatchObject({ status: 'accepted' })
  },
)

test('status.from-data-transfer: a state that comes in a message of the vendor is read', async () => {
  expect(connector('evbox')).toMatchObject({ status: 'Occupied', chargingState: 'Charging' })
  const said = await depot.calls('evbox', 'StatusNotification')
  expect(said.map(({ connectorId }) => connectorId)).not.toContain(1)
  expect(incidentCodes(depot.test)).toEqual([])
})

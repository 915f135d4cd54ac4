import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { beforeEach, expect, test, vi } from 'vitest'
import { openTransactions } from '../../domain/charging/transaction.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
const WARNING = 'station.unknown-evse.A'

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
})

test('reports of EVSEs that the site does not have are acknowledged and leave no trace but one warning', async () => {
  const append = vi.spyOn(stage.store.factLog, 'append')
  const before = (await stage.store.factLog.head()).seq
  const observed = stage.control.depot.observations.size
  for (let evse = 2; evse < 50; evse++) {
    stage.status('A', 'Occupied', 'EVConnected', evse)
    stage.status('A', 'Available', null, evse)
    await stage.draw('A', 10, { evse, registerWh: 1000 + evse }).durable
  }
  await stage.settle()
  expect((await stage.store.factLog.head()).seq).toBe(before)
  expect(append.mock.calls.flatMap(([batch]) => batch.samples)).toEqual([])
  expect(stage.control.depot.observations.size).toBe(observed)
  expect([...stage.warnings.keys()].filter((code) => code.startsWith('station.'))).toEqual([WARNING])
})

test('the station itself and its own EVSEs are told of as ever', async () => {
  stage.status('A', 'Unavailable', null, 0)
  stage.status('A', 'Occupied', 'EVConnected', 1)
  await stage.settle()
  const told = await stage.facts('ConnectorStatusReported')
  expect(told.slice(-2).map(({ evse }) => evse)).toEqual([0, 1])
  expect(stage.warnings.has(WARNING)).toBe(false)
})

test('a start on an EVSE that the site does not have is booked, and so are its energy and its end', async () => {
  const { transaction } = stage.begin('A', { evse: 7 }).outcome
  expect(stage.control.depot.memory.table(openTransactions).get(transaction)?.evse).toBe(7)
  stage.draw('A', 10, { evse: 7, registerWh: 3000 })
  stage.end('A', { transaction, meterStopWh: wattHours(5000) })
  await stage.settle()
  expect(await stage.facts('TransactionEnergyRead')).toMatchObject([{ transaction, register_wh: 3000 }])
  expect(await stage.facts('TransactionEnded')).toMatchObject([{ transaction, meter_stop_wh: 5000 }])
})

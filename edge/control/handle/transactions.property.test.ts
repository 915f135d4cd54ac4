import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openTransactions } from '../../domain/charging/transaction.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])

/** The start comes first, since its answer gives the number that the others name; it may come again at any time. */
const message = fc.record({ kind: fc.constantFrom('start', 'values', 'stop'), n: fc.nat({ max: 4 }) })

test('any order, loss made good and repeat of what follows a start in OCPP 1.6 ends in the same transaction', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
      const stage = new Stage({ clock: new FakeClock(), site })
      await stage.start()
      await stage.join('A')
      const time = stage.time('2026-11-21T18:00:00Z')
      const start = () => stage.begin('A', { time }).outcome.transaction
      const transaction = start()
      const told = [...messages, { kind: 'start', n: 0 }, { kind: 'stop', n: 0 }, { kind: 'stop', n: 0 }]
      for (const { kind, n } of told) {
        if (kind === 'start') expect(start()).toBe(transaction)
        else if (kind === 'values') stage.draw('A', 10, { registerWh: 1000 + n * 100 })
        else stage.end('A', { transaction, meterStopWh: wattHours(1800) })
        await stage.pass(seconds(1))
      }
      await stage.settle()
      expect(await stage.facts('TransactionStarted')).toHaveLength(1)
      expect(await stage.facts('TransactionEnded')).toMatchObject([
        { transaction, energy_wh: 800, meter_stop_wh: 1800, incomplete: false },
      ])
      expect(await stage.facts('OrphanReported')).toEqual([])
      expect(stage.control.depot.memory.table(openTransactions).size).toBe(0)
      stage.control.stop()
    }),
    { numRuns: 40 },
  )
})

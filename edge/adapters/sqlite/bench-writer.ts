import { writeSync } from 'node:fs'
import type { Clock } from '@busbar/model/clock.ts'
import { as } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { instant, monotonic } from '@busbar/units/time.ts'
import type { Batch } from '../../domain/ports/fact-log.ts'
import { createSqliteStore } from './sqlite-store.ts'

/**
 * Run as a process of its own by the store benchmark, which has the clock: `writers` stations append `each` batches of
 * one fact, and with `samples` 1 a raw sample beside it. Arguments: folder, writers, each, samples.
 */
const [folder = '', writers = '1', each = '1', samples = '0'] = process.argv.slice(2)
const clock: Clock = {
  now: () => instant(0),
  monotonic: () => monotonic(0),
  timer: () => ({ cancel: () => undefined }),
}
const store = createSqliteStore({ folder, clock, newEpoch: () => as('epoch') })

const batchOf = (station: number, n: number): Batch => {
  const transaction = as<never>(String(station))
  const entity = { type: 'transaction', id: transaction } as const
  const data = { transaction, register_wh: wattHours(n), energy_wh: wattHours(n), soc_pct: null }
  const source = { station: as<never>(`S-${station}`), evse: 1, transaction }
  const sample = {
    source,
    at: instant(n),
    values: `{"power_w":${n},"current_l1_a":32,"current_l2_a":32,"current_l3_a":32}`,
  }
  return {
    facts: [{ type: 'TransactionEnergyRead', occurred_at: instant(n), clock: 'synced', entity, data }],
    samples: samples === '1' ? [sample] : [],
    recordedAt: instant(n),
  }
}

async function write(station: number): Promise<void> {
  for (let n = 0; n < Number(each); n++) await store.factLog.append(batchOf(station, n))
}

await store.start()
await Promise.all(Array.from({ length: Number(writers) }, (_, station) => write(station)))
writeSync(1, 'warm\n')
await Promise.all(Array.from({ length: Number(writers) }, (_, station) => write(station)))
writeSync(1, 'done\n')
await store.stop()

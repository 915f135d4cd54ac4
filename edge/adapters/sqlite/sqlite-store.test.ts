import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import type { Instant } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import {
  batch,
  connected,
  ended,
  energyRead,
  histories,
  second,
  started,
} from '../../domain/ports/contract-facts.ts'
import { PROJECTIONS } from '../../domain/ports/contract-projections.ts'
import { brokenAt, factLogContract } from '../../domain/ports/fact-log.contract.ts'
import type { RawSample } from '../../domain/ports/fact-log.ts'
import { projectionsContract, readModels } from '../../domain/ports/projections.contract.ts'
import { createMemoryStore } from '../../domain/ports/projections.memory.ts'
import { TestStores } from './test-stores.ts'

const stores = new TestStores(new FakeClock())
afterEach(() => stores.remove())

async function open() {
  const store = await stores.started(await stores.folder())
  return { factLog: store.factLog, projections: store.projections, close: () => store.stop() }
}

factLogContract('the SQLite store', open)
projectionsContract('the SQLite store', open)

test('whatever the history, it says the same as the double', async () => {
  const sqlite = await open()
  const memory = createMemoryStore({ epoch: as('x'), hash: () => '00'.repeat(32), projections: PROJECTIONS })
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      for (const facts of history)
        await Promise.all([sqlite, memory].map((store) => store.factLog.append(batch(...facts))))
      expect(await readModels(sqlite.projections)).toEqual(await readModels(memory.projections))
    }),
    { numRuns: 20 },
  )
})

describe('a restart', () => {
  test('goes on where the log ended and counts itself', async () => {
    const folder = await stores.folder()
    const first = stores.create(folder)
    expect(await first.start()).toMatchObject({ bootNo: 1, firstStart: true, head: { seq: 0 } })
    await first.factLog.append(
      batch(connected('A-01', 1), started('1', second(2)), energyRead('1', 3, second(4))),
    )
    await first.factLog.acknowledge(2)
    const before = { head: await first.factLog.head(), models: await readModels(first.projections) }
    await first.stop()
    const next = stores.create(folder, { newEpoch: () => as('another') })
    expect(await next.start()).toEqual({ bootNo: 2, firstStart: false, head: before.head })
    expect(await readModels(next.projections)).toEqual(before.models)
    expect(await next.factLog.append(batch(connected('A-01', 2)))).toBe(4)
  })

  test('is a first start until the log holds a fact', async () => {
    const folder = await stores.folder()
    const first = stores.create(folder)
    const { head } = await first.start()
    await first.stop()
    expect(await stores.create(folder, { newEpoch: () => as('another') }).start()).toEqual({
      bootNo: 2,
      firstStart: true,
      head,
    })
  })

  test('builds the read models anew when one was added', async () => {
    const folder = await stores.folder()
    const none = `${folder}/none.mjs`
    await writeFile(none, 'export const PROJECTIONS = []')
    const first = await stores.started(folder, { projectionsModule: pathToFileURL(none).href })
    await first.factLog.append(batch(connected('A-01', 1)))
    await first.stop()
    const next = await stores.started(folder)
    expect(await next.projections.load('counts')).toContainEqual({ key: 'all', row: { n: 1 } })
  })

  test('a stop commits what is on its way, and a stopped store refuses', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    const appends = [1, 2, 3, 4].map((n) => store.factLog.append(batch(connected('A-01', n))))
    const stopped = store.stop()
    await expect(store.factLog.append(batch(connected('A-01', 5)))).rejects.toMatchObject({
      code: 'store.failed',
    })
    expect(await Promise.all(appends)).toEqual([1, 2, 3, 4])
    await stopped
    await expect(store.factLog.head()).rejects.toMatchObject({ code: 'store.failed' })
    expect(await store.start()).toMatchObject({ head: { seq: 4 } })
  })
})

describe('raw samples', () => {
  const grid = { meter: as<never>('grid') }
  const evse = { station: as<never>('A-01'), evse: 0, transaction: as<never>('7') }
  const sample = (source: RawSample['source'], at: Instant, n = 0): RawSample => ({
    source,
    at,
    values: `{"power_w":${n}}`,
  })
  const all = { from: second(-9e6), to: second(9e6), limit: 100 }

  test('are kept by source and read by time', async () => {
    const store = await stores.started(await stores.folder())
    const samples = [sample(grid, second(2)), sample(grid, second(1), 5), sample(evse, second(1))]
    await store.factLog.append({ facts: [], samples, recordedAt: second(3) })
    expect(await store.readSamples(grid, all)).toEqual([sample(grid, second(1), 5), sample(grid, second(2))])
    expect(await store.readSamples(evse, { from: second(1), to: second(1), limit: 1 })).toEqual([
      sample(evse, second(1)),
    ])
    expect(await store.readSamples(grid, { ...all, limit: 1 })).toHaveLength(1)
  })

  test('stay what they were when their minute is packed', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    const values = '{"power_w":-5,"current_a":{"l1":1.25,"l3":0},"soc_pct":81.5,"clock":"estimated"}'
    const samples = [
      { source: evse, at: second(1), values },
      sample({ ...evse, transaction: null }, second(2)),
      { source: evse, at: second(3), values: '{"register_wh":123456789012,"power_w":1e+300}' },
    ]
    await store.factLog.append({ facts: [], samples, recordedAt: second(3) })
    await store.factLog.append({ facts: [], samples: [sample(grid, second(90))], recordedAt: second(90) })
    expect((await store.series.sources()).map(({ source }) => source)).toContain('evse:A-01/0')
    expect(await store.readSamples(evse, all)).toEqual(samples)
  })
})

describe('a trim', () => {
  const history = [
    batch(connected('A-01', 1), started('1', second(1))),
    batch(started('2', second(2)), ended('1', 5, second(3)), connected('B-01', 1)),
    { ...batch(energyRead('2', 9, second(9)), connected('A-01', 2)), recordedAt: second(100) },
  ]
  async function filled(folder: string) {
    const store = await stores.started(folder)
    for (const each of history) await store.factLog.append(each)
    return store
  }

  test('prunes the old prefix, but nothing the cloud has not acknowledged', async () => {
    const store = await filled(await stores.folder())
    expect(await store.trim(second(50))).toBe(1)
    await store.factLog.acknowledge(4)
    expect(await store.trim(second(50))).toBe(5)
    await store.factLog.acknowledge(7)
    expect(await store.trim(second(50))).toBe(6)
    expect((await store.factLog.read(0, 9)).map(({ seq }) => seq)).toEqual([6, 7])
    expect(await store.factLog.head()).toMatchObject({ seq: 7, floor: 6, acked: 7 })
  })

  test('goes by age alone in a depot that stands alone', async () => {
    const store = await filled(await stores.folder())
    expect(await store.trim(second(50), { standAlone: true })).toBe(6)
  })

  test('leaves the chain value below the floor, the read models and the numbers as they were', async () => {
    const folder = await stores.folder()
    const store = await filled(folder)
    const hash = await store.factLog.hashAt(5)
    const before = await readModels(store.projections)
    await store.trim(second(50), { standAlone: true })
    expect(await store.factLog.hashAt(4)).toBeNull()
    expect(await store.factLog.hashAt(5)).toBe(hash)
    await store.projections.rebuild()
    expect(await readModels(store.projections)).toEqual(before)
    await store.trim(second(500), { standAlone: true })
    const { head } = await store.stop().then(() => store.start())
    expect(head).toMatchObject({ seq: 7, floor: 8 })
    await store.projections.rebuild()
    expect(await readModels(store.projections)).toEqual(before)
    expect(await store.factLog.append(batch(connected('A-01', 3)))).toBe(8)
  })

  test('the chain verifies across a restart', async () => {
    const folder = await stores.folder()
    await (await filled(folder)).stop()
    const store = await stores.started(folder)
    await store.factLog.append(batch(connected('A-01', 3)))
    expect(brokenAt(await store.factLog.head(), await store.factLog.read(0, 100))).toBeNull()
  })
})

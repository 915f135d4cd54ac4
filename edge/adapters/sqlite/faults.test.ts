import { open, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import { batch, connected, second } from '../../domain/ports/contract-facts.ts'
import { brokenAt } from '../../domain/ports/fact-log.contract.ts'
import type { RawSample } from '../../domain/ports/fact-log.ts'
import { TestStores } from './test-stores.ts'

const clock = new FakeClock()
const stores = new TestStores(clock)
const others: Database.Database[] = []
afterEach(async () => {
  for (const other of others.splice(0)) other.close()
  await stores.remove()
})

/** A connection of somebody else to a file of the store. */
function beside(folder: string, file: 'facts' | 'raw'): Database.Database {
  const other = new Database(`${folder}/${file}.sqlite`)
  others.push(other)
  return other
}

const sample: RawSample = { source: { meter: as('grid') }, at: second(1), values: '{}' }
const samples = (count: number) => ({
  facts: [],
  samples: Array<RawSample>(count).fill(sample),
  recordedAt: second(1),
})
const grid = { meter: as<never>('grid') }
const all = { from: second(-9e6), to: second(9e6), limit: 100 }
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}
const settled = (promises: readonly Promise<unknown>[]) =>
  Promise.all(
    promises.map((each) =>
      each.then(
        (seq) => seq,
        (error) => error.code,
      ),
    ),
  )

describe('a disk that hangs', () => {
  test('holds receipts back, not the main thread, and loses nothing', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    const other = beside(folder, 'facts')
    other.exec('BEGIN IMMEDIATE')
    let resolved = 0
    const appends = Array.from({ length: 50 }, (_, n) =>
      store.factLog.append(batch(connected('A-01', n))).then((seq) => {
        resolved++
        return seq
      }),
    )
    clock.advance(seconds(7))
    await turns(200)
    expect(resolved).toBe(0)
    expect(store.backlog()).toEqual({ facts: 50, oldestMs: 7000 })
    other.exec('COMMIT')
    expect(await Promise.all(appends)).toEqual(appends.map((_, n) => n + 1))
    expect(store.backlog()).toEqual({ facts: 0, oldestMs: null })
  })

  test('lets the oldest waiting samples go, counts them, tells their sender, and keeps every fact', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder, { maxWaitingSamples: 10 })
    const other = beside(folder, 'facts')
    other.exec('BEGIN IMMEDIATE')
    const inFlight = [store.factLog.append(samples(1)), store.factLog.append(samples(1))]
    const waiting = [
      store.factLog.append(samples(4)),
      store.factLog.append({ ...samples(4), facts: [connected('A-01', 1)] }),
      store.factLog.append(samples(4)),
    ]
    expect(store.dropped()).toBe(4)
    other.exec('COMMIT')
    expect(await settled([...inFlight, ...waiting])).toEqual([0, 0, 'store.failed', 1, 1])
    expect(await store.readSamples(grid, all)).toHaveLength(10)
  })
})

describe('a disk that refuses', () => {
  test('a group is kept whole or not at all, its numbers are given again and later appends go through', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    await store.factLog.append(batch(connected('A-01', 1)))
    const models = await store.projections.load('counts')
    const other = beside(folder, 'facts')
    other.exec(
      `CREATE TRIGGER full BEFORE INSERT ON fact WHEN NEW.line LIKE '%FULL%' BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    )
    await expect(
      store.factLog.append(batch(connected('A-02', 1), connected('FULL', 1))),
    ).rejects.toMatchObject({
      code: 'store.failed',
      message: expect.stringContaining('disk full'),
    })
    expect(await store.factLog.head()).toMatchObject({ seq: 1 })
    expect(await store.projections.load('counts')).toEqual(models)
    expect(store.backlog()).toEqual({ facts: 0, oldestMs: null })
    other.exec('DROP TRIGGER full')
    expect(await store.factLog.append(batch(connected('FULL', 2)))).toBe(2)
    expect(brokenAt(await store.factLog.head(), await store.factLog.read(0, 9))).toBeNull()
    await store.stop()
    await store.start()
    expect(await store.projections.load('counts')).toContainEqual({ key: 'all', row: { n: 2 } })
  })

  test('samples that cannot be kept cost no fact, and nobody is told that they were kept', async () => {
    const folder = await stores.folder()
    const problems: string[] = []
    const store = await stores.started(folder, { onProblem: (message) => problems.push(message) })
    const other = beside(folder, 'raw')
    other.exec(`CREATE TRIGGER full BEFORE INSERT ON sample BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    expect(await settled([store.factLog.append({ ...samples(2), facts: [connected('A-01', 1)] })])).toEqual([
      1,
    ])
    expect(await settled([store.factLog.append(samples(1))])).toEqual(['store.failed'])
    expect(store.dropped()).toBe(3)
    expect(problems[0]).toContain('disk full')
    other.exec('DROP TRIGGER full')
    expect(await store.factLog.append(samples(1))).toBe(1)
    expect(await store.readSamples(grid, all)).toHaveLength(1)
  })
})

describe('a start', () => {
  test('is refused while another store uses the folder', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    await expect(stores.create(folder).start()).rejects.toMatchObject({ code: 'store.locked' })
    await store.stop()
    await stores.started(folder)
  })

  test('is refused when the facts are damaged', async () => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    for (let n = 0; n < 200; n++) void store.factLog.append(batch(connected('A-01', n)))
    await store.stop()
    const file = await open(`${folder}/facts.sqlite`, 'r+')
    const { size } = await file.stat()
    for (let at = 4096; at < size; at += 4096) await file.write(Buffer.alloc(64, 0xff), 0, 64, at)
    await file.close()
    await expect(stores.create(folder).start()).rejects.toMatchObject({ code: 'store.corrupt' })
  })

  test('is refused when the file is no database', async () => {
    const folder = await stores.folder()
    await writeFile(`${folder}/facts.sqlite`, 'not a database, but long enough to be looked at '.repeat(100))
    await expect(stores.create(folder).start()).rejects.toMatchObject({ code: 'store.corrupt' })
  })

  test.each([
    ['was changed', `UPDATE fact SET line = replace(line, 'A-01', 'A-02') WHERE seq = 2`],
    ['is missing', 'DELETE FROM fact WHERE seq = 2'],
  ])('is refused when a record %s', async (_, statement) => {
    const folder = await stores.folder()
    const store = await stores.started(folder)
    await store.factLog.append(batch(connected('A-01', 1), connected('A-01', 2), connected('A-01', 3)))
    await store.stop()
    beside(folder, 'facts').exec(statement)
    await expect(stores.create(folder).start()).rejects.toMatchObject({
      code: 'store.corrupt',
      message: expect.stringContaining('record 2'),
    })
  })

  test('sets damaged raw samples aside and says so', async () => {
    const folder = await stores.folder()
    await writeFile(`${folder}/raw.sqlite`, 'not a database, but long enough to be looked at '.repeat(100))
    const problems: string[] = []
    const store = await stores.started(folder, { onProblem: (message) => problems.push(message) })
    expect(problems).toEqual([expect.stringContaining('raw.sqlite was damaged')])
    expect(await store.factLog.append(samples(1))).toBe(0)
  })

  test('in a place that cannot be a folder says why', async () => {
    const folder = await stores.folder()
    await writeFile(`${folder}/file`, '')
    await expect(stores.create(`${folder}/file`).start()).rejects.toMatchObject({ code: 'store.failed' })
  })
})

describe('a fault of ours', () => {
  const withModule = async (text: string) => {
    const folder = await stores.folder()
    await writeFile(`${folder}/models.mjs`, text)
    return { folder, projectionsModule: pathToFileURL(`${folder}/models.mjs`).href }
  }

  test('a read model that throws costs no fact', async () => {
    const { folder, projectionsModule } = await withModule(
      `export const PROJECTIONS = [{ name: 'bad', keys: () => ['k'], next: () => { throw new TypeError('oops') } }]`,
    )
    const problems: string[] = []
    const store = await stores.started(folder, {
      projectionsModule,
      onProblem: (message) => problems.push(message),
    })
    expect(await store.factLog.append(batch(connected('A-01', 1)))).toBe(1)
    expect(problems).toEqual(['read model "bad" failed on fact 1: oops'])
  })

  test('when the worker dies, everyone who waits is told', async () => {
    const { folder, projectionsModule } = await withModule(
      `export const PROJECTIONS = [{ name: 'deadly', keys: () => process.exit(1), next: () => undefined }]`,
    )
    const lost: string[] = []
    const onLost = (reason: string) => lost.push(reason)
    const store = await stores.started(folder, { projectionsModule, onLost })
    const waiting = [store.factLog.append(batch(connected('A-01', 1))), store.factLog.head()]
    expect(await settled(waiting)).toEqual(['store.failed', 'store.failed'])
    expect(lost).toEqual(['the store worker ended'])
    await expect(store.factLog.append(batch())).rejects.toMatchObject({ code: 'store.failed' })
    await store.stop()
    expect(lost).toHaveLength(1)
    expect((await stores.create(folder).start()).head.seq).toBe(0)
  })
})

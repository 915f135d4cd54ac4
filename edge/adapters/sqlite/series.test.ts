import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Instant, instant } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { RawSample } from '../../domain/ports/fact-log.ts'
import type { SeriesBucket } from '../../domain/ports/series.ts'
import { type Reading, referenceMinute } from './series-reference.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { TestStores } from './test-stores.ts'

const stores = new TestStores(new FakeClock())
afterEach(() => stores.remove())

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 21, 18)
const grid = { meter: as('grid') }
function as(id: string) {
  return id as never
}
const at = (ms: number): Instant => instant(START + ms)
const sample = (ms: number, values: object): RawSample => ({
  source: grid,
  at: at(ms),
  values: JSON.stringify(values),
})

const edgesOf = (from: number, to: number, step: number): Instant[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => at(from + index * step))

async function append(store: SqliteStore, samples: readonly RawSample[], recordedMs: number) {
  await store.factLog.append({ facts: [], samples, recordedAt: at(recordedMs) })
}
/** Lets time pass for the store: only appends tell it what time it is. */
async function pass(store: SqliteStore, ms: number, times = 3) {
  for (let n = 0; n < times; n++)
    await append(store, [{ source: { meter: as('tick') }, at: at(ms), values: '{}' }], ms + n * 6_000)
}
const ask = (store: SqliteStore, quantity: string, edges: readonly Instant[]) =>
  store.series.buckets({ source: 'meter:grid', quantity, edges })
const figures = ({ min, mean, max, last, energyWh, coveredMs }: SeriesBucket) => ({
  min,
  mean,
  max,
  last,
  energyWh,
  coveredMs,
})

describe('minutes', () => {
  const history = fc.record({
    readings: fc.array(
      fc.record({
        after: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 100, max: 1800 })),
        power: fc.option(fc.integer({ min: -50_000, max: 500_000 }), { nil: undefined, freq: 8 }),
        rise: fc.option(fc.integer({ min: -20, max: 200 }), { nil: undefined, freq: 4 }),
      }),
      { minLength: 1, maxLength: 120 },
    ),
  })

  test('are what a plain count over every tenth of a second gives, over random samples with gaps, before and after they are packed', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ readings }) => {
        const store = await stores.started(await stores.folder())
        const list: Reading[] = []
        let ms = 0
        let register = 1000
        for (const { after, power, rise } of readings) {
          ms += after * 100
          if (rise !== undefined) register = Math.max(0, register + rise)
          list.push({ at: ms, power, register: rise === undefined ? undefined : register })
          await append(store, [sample(ms, { power_w: power, import_wh: list.at(-1)?.register })], ms)
        }
        const end = Math.ceil((ms + 20_000) / MINUTE) * MINUTE
        const edges = edgesOf(0, end, MINUTE)
        const expected = (of: 'power' | 'register') =>
          edges.slice(1).map((_, index) => referenceMinute(list, of, index))
        const check = async () => {
          const power = await ask(store, 'power_w', edges)
          const register = await ask(store, 'import_wh', edges)
          expect(power.map(figures)).toEqual(expected('power').map(({ segment: _, ...rest }) => rest))
          expect(register.map((each) => ({ ...figures(each), segment: each.segment }))).toEqual(
            expected('register'),
          )
          expect([...power, ...register].some((each) => each.open)).toBe(false)
        }
        await pass(store, end + 10_000, 30)
        await check()
        await pass(store, 2 * DAY)
        await check()
        await store.stop()
      }),
      { numRuns: 12 },
    )
  }, 60_000)

  test('a value stands until the next, no longer than fifteen seconds, and a gap is a gap', async () => {
    const store = await stores.started(await stores.folder())
    await append(store, [sample(0, { power_w: 1000 }), sample(10_000, { power_w: 4000 })], 10_000)
    await pass(store, 10 * MINUTE)
    const [first, second] = await ask(store, 'power_w', edgesOf(0, 2 * MINUTE, MINUTE))
    expect(first).toMatchObject({ min: 1000, mean: 2800, max: 4000, last: 4000, coveredMs: 25_000 })
    expect(first?.energyWh).toBeCloseTo((1000 * 10 + 4000 * 15) / 3600)
    expect(second).toMatchObject({ min: null, mean: null, last: null, energyWh: null, coveredMs: 0 })
  })

  test('a source may be polled slower when the store is told', async () => {
    const store = await stores.started(await stores.folder(), {
      seriesLimits: { 'meter:grid': { standsMs: 150_000 } },
    })
    await append(store, [sample(0, { power_w: 1000 })], 0)
    await pass(store, 10 * MINUTE)
    const minutes = await ask(store, 'power_w', edgesOf(0, 4 * MINUTE, MINUTE))
    expect(minutes.map(({ coveredMs }) => coveredMs)).toEqual([MINUTE, MINUTE, 30_000, 0])
  })

  test('set back, the clock changes no sealed minute: what comes is kept raw and counted as late', async () => {
    const store = await stores.started(await stores.folder())
    for (let ms = 0; ms < 5 * MINUTE; ms += 5_000) await append(store, [sample(ms, { power_w: 1000 })], ms)
    const edges = edgesOf(0, 3 * MINUTE, MINUTE)
    const before = await ask(store, 'power_w', edges)
    for (let ms = 0; ms < 5 * MINUTE; ms += 5_000)
      await append(store, [sample(ms + 1, { power_w: 9000 })], ms + 1)
    const after = await ask(store, 'power_w', edges)
    expect(after.map(figures)).toEqual(before.map(figures))
    expect(after.map(({ late }) => late)).toEqual([12, 12, 12])
    const raw = await store.series.samples({
      source: 'meter:grid',
      quantity: 'power_w',
      from: at(0),
      to: at(MINUTE),
      limit: 99,
    })
    expect(raw.filter(({ value }) => value === 9000)).toHaveLength(12)
  })

  test('are closed before the clock that is set back fills them anew, also when the disk was behind', async () => {
    const store = await stores.started(await stores.folder())
    const items = [0, 10, 20, 30, 40, 50, 60, 70, 5, 15, 25].map((second, index) => ({
      sample: sample(second * 1000, { power_w: index < 8 ? 1000 : 9000 }),
      recordedAt: at(second * 1000),
    }))
    await Promise.all(
      items.map((item) =>
        store.factLog.append({ facts: [], samples: [item.sample], recordedAt: item.recordedAt }),
      ),
    )
    const [first] = await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE))
    expect(first).toMatchObject({ mean: 1000, max: 1000, coveredMs: MINUTE, open: false })
    await pass(store, 10 * MINUTE)
    expect((await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({ max: 1000, late: 3 })
  })

  test('of an hour a station kept for us are filled in when it delivers them, also into a packed day', async () => {
    const store = await stores.started(await stores.folder())
    await append(store, [sample(0, { power_w: 1 })], 0)
    await pass(store, 2 * DAY)
    await append(
      store,
      [sample(HOUR, { power_w: 7000 }), sample(HOUR + 30_000, { power_w: 7000 })],
      2 * DAY + MINUTE,
    )
    await pass(store, 2 * DAY + 10 * MINUTE, 6)
    const [bucket] = await ask(store, 'power_w', edgesOf(HOUR, HOUR + MINUTE, MINUTE))
    expect(bucket).toMatchObject({ mean: 7000, coveredMs: 30_000, late: 0, open: false })
    expect((await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({ mean: 1 })
  })

  test('a value that was doubted marks its minute', async () => {
    const store = await stores.started(await stores.folder())
    await append(store, [sample(0, { power_w: 1, quality: 'suspect' })], 0)
    expect((await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({
      suspect: true,
      open: true,
    })
  })
})

describe('energy', () => {
  test('F17 a register that falls begins a new segment: no negative and no lost energy', async () => {
    const store = await stores.started(await stores.folder())
    const registers = [5000, 5100, 5200, 40, 140, 240]
    for (const [index, import_wh] of registers.entries())
      await append(store, [sample(index * 10_000, { import_wh })], index * 10_000)
    await pass(store, 10 * MINUTE)
    expect((await ask(store, 'import_wh', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({
      energyWh: 400,
      segment: true,
      last: 240,
    })
  })

  test('F17 a register that jumps to where no load could take it begins a new segment', async () => {
    const store = await stores.started(await stores.folder(), {
      seriesLimits: { 'meter:grid': { maxW: 500_000 } },
    })
    for (const [index, import_wh] of [5000, 5100, 42_950_000, 42_950_100].entries())
      await append(store, [sample(index * 10_000, { import_wh })], index * 10_000)
    expect((await ask(store, 'import_wh', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({
      energyWh: 200,
      segment: true,
    })
  })

  test('over a gap belongs to no minute, and to an hour that holds both ends', async () => {
    const store = await stores.started(await stores.folder())
    await append(store, [sample(0, { import_wh: 1000 })], 0)
    await append(store, [sample(10 * MINUTE, { import_wh: 3000 })], 10 * MINUTE)
    await pass(store, 2 * HOUR)
    const minutes = await ask(store, 'import_wh', edgesOf(0, HOUR, MINUTE))
    expect(minutes.reduce((sum, { energyWh }) => sum + (energyWh ?? 0), 0)).toBe(0)
    expect((await ask(store, 'import_wh', edgesOf(0, HOUR, HOUR)))[0]).toMatchObject({
      energyWh: 2000,
      coveredMs: 30_000,
    })
  })
})

describe('the file', () => {
  const fill = async (store: SqliteStore, minutes: number, from = 0) => {
    for (let minute = 0; minute < minutes; minute++) {
      const samples = Array.from({ length: 60 }, (_, n) =>
        sample(from + minute * MINUTE + n * 1000, { power_w: Math.imul(minute * 60 + n, 2654435761) >>> 8 }),
      )
      await append(store, samples, from + minute * MINUTE + 59_000)
    }
  }

  test('lets samples go after two weeks and keeps their minutes', async () => {
    const store = await stores.started(await stores.folder())
    await fill(store, 3)
    await fill(store, 4, 14 * DAY + 10 * MINUTE)
    const raw = await store.readSamples(grid, { from: at(0), to: at(HOUR), limit: 999 })
    expect(raw).toEqual([])
    expect((await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({ coveredMs: MINUTE })
  })

  test('keeps minutes for thirteen months and no longer', async () => {
    const store = await stores.started(await stores.folder())
    const first = async () => (await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE)))[0]?.coveredMs
    for (const day of [0, 395]) {
      await fill(store, 3, day * DAY)
      await pass(store, (day + 2) * DAY, 6)
    }
    expect(await first()).toBe(MINUTE)
    await fill(store, 3, 398 * DAY)
    await pass(store, 400 * DAY, 6)
    expect(await first()).toBe(0)
    expect((await ask(store, 'power_w', edgesOf(395 * DAY, 395 * DAY + MINUTE, MINUTE)))[0]).toMatchObject({
      coveredMs: MINUTE,
    })
  })

  test('stays below its cap: the oldest samples go first, and it says so', async () => {
    const problems: string[] = []
    const store = await stores.started(await stores.folder(), {
      seriesCapBytes: 300_000,
      onProblem: (message) => problems.push(message),
    })
    await fill(store, 2000)
    const use = await store.series.use()
    expect(use.bytes).toBeLessThan(300_000)
    expect(use.droppedForSpace).toBeGreaterThan(0)
    expect(use.samplesFrom).toBeGreaterThan(at(0))
    expect(use.minutesFrom).toBeLessThanOrEqual(at(0))
    expect(problems).toEqual([expect.stringContaining('% of their 0 MB')])
    expect((await ask(store, 'power_w', edgesOf(0, MINUTE, MINUTE)))[0]).toMatchObject({ coveredMs: MINUTE })
  })

  test('lists what was measured where', async () => {
    const store = await stores.started(await stores.folder())
    await append(store, [sample(0, { power_w: 1, current_a: { l1: 2 } })], 0)
    await pass(store, 10 * MINUTE)
    expect(await store.series.sources()).toEqual([
      { source: 'meter:grid', quantities: ['current_a.l1', 'power_w'] },
    ])
  })

  test('answers nothing of a source nobody knows', async () => {
    const store = await stores.started(await stores.folder())
    const edges = edgesOf(0, MINUTE, MINUTE)
    expect(await store.series.buckets({ source: 'meter:x', quantity: 'power_w', edges })).toMatchObject([
      { coveredMs: 0 },
    ])
    expect(
      await store.series.samples({
        source: 'meter:x',
        quantity: 'power_w',
        from: at(0),
        to: at(9),
        limit: 1,
      }),
    ).toEqual([])
  })
})

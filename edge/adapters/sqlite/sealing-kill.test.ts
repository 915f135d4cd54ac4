import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Instant, instant } from '@busbar/units/time.ts'
import { afterEach, expect, test } from 'vitest'
import { referenceMinute } from './series-reference.ts'
import { TestStores } from './test-stores.ts'

const writer = fileURLToPath(new URL('./killed-sampler.ts', import.meta.url))
const stores = new TestStores(new FakeClock())
afterEach(() => stores.remove())

const MINUTE = 60_000
const grid = { meter: 'grid' as never }

/** Lets a writer of samples run on from `from` until it has acknowledged `count`, kills it, and answers where it was. */
async function writeAndKill(folder: string, from: number, count: number): Promise<number> {
  const child = spawn(process.execPath, [writer, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let [acknowledged, last] = [0, from]
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged += 1
    last = Number(line)
    if (acknowledged >= count) child.kill('SIGKILL')
  }
  return last
}

test('killed at any point, no acknowledged sample is missing and every minute is what its samples give', async () => {
  const folder = await stores.folder()
  let at = 0
  for (let kill = 0; kill < 12; kill++) at = await writeAndKill(folder, at, 40 + ((kill * 53) % 171))
  const store = await stores.started(folder)
  const end = at + 10 * MINUTE
  for (let n = 0; n < 40; n++) {
    const samples = [{ source: { meter: 'tick' as never }, at: instant(end), values: '{}' }]
    await store.factLog.append({ facts: [], samples, recordedAt: instant(end + n * MINUTE) })
  }
  const raw = await store.readSamples(grid, { from: instant(0), to: instant(end), limit: 1e6 })
  const seen = new Set(raw.map((sample) => Number(sample.at)))
  expect(
    Array.from({ length: at / 1000 }, (_, index) => (index + 1) * 1000).filter((ms) => !seen.has(ms)),
  ).toEqual([])
  const readings = raw.map((sample) => ({
    at: sample.at,
    power: JSON.parse(sample.values).power_w,
    register: undefined,
  }))
  const edges = Array.from(
    { length: Math.floor(at / MINUTE) + 3 },
    (_, minute): Instant => instant(minute * MINUTE),
  )
  const buckets = await store.series.buckets({ source: 'meter:grid', quantity: 'power_w', edges })
  expect(buckets.length).toBeGreaterThan(20)
  for (const [minute, { min, mean, max, last, coveredMs, late, open }] of buckets.entries()) {
    const expected = referenceMinute(readings, 'power', minute)
    expect({ minute, min, mean, max, last, coveredMs, late, open }).toEqual({
      minute,
      min: expected.min,
      mean: expected.mean,
      max: expected.max,
      last: expected.last,
      coveredMs: expected.coveredMs,
      late: 0,
      open: false,
    })
  }
}, 60_000)

import { writeSync } from 'node:fs'
import type { Clock } from '@busbar/model/clock.ts'
import { as } from '@busbar/model/ids.ts'
import { instant, monotonic } from '@busbar/units/time.ts'
import { RAW_MIGRATIONS } from './migrations/raw.ts'
import { createSqliteStore } from './sqlite-store.ts'
import { openDatabase } from './worker/database.ts'
import { RawSamples } from './worker/raw-samples.ts'

/**
 * Run as a process of its own by the metering benchmark, which has the clock: fills a folder with what one meter leaves
 * in a year, then asks `queries` times for a day at one minute. One day of a sample each second goes the whole way; the
 * other days are copies of what it left. Prints `samples DAYS BYTES`, `minutes DAYS BYTES`, then `ask` and `answered`
 * around the queries. Arguments: folder, queries.
 */
const [folder = '', queries = '200'] = process.argv.slice(2)
const SECOND = 1000
const DAY = 86_400 * SECOND
const MINUTES = 1440
const SAMPLE_DAYS = 14
const MINUTE_DAYS = 397
const start = Date.UTC(2025, 9, 20)
const meter = as<never>('grid')

let state = 1
/** Of a bell around 0, within ±1. */
const noise = (): number => {
  let sum = 0
  for (let n = 0; n < 4; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    sum += state / 2 ** 31 - 1
  }
  return sum / 4
}

const registers = { import: 5_000_000, export: 0 }
/** A depot's connection: slow swing, steps when vehicles come and go, and noise, on single floats as meters send them. */
function valuesAt(ms: number): string {
  const hour = (ms / 3_600_000) % 24
  const load = 90_000 * (1.6 + Math.sin(hour / 3)) + 22_000 * (Math.floor(ms / 420_000) % 7)
  const phases = ['l1', 'l2', 'l3'] as const
  const each = <T>(of: (phase: (typeof phases)[number]) => T) =>
    Object.fromEntries(phases.map((p) => [p, of(p)]))
  const voltage = each(() => Math.fround(231 + 1.5 * Math.sin(hour) + 0.4 * noise()))
  const power = each(() => Math.fround(load / 3 + 800 * noise()))
  const total = phases.reduce((sum, phase) => sum + (power[phase] ?? 0), 0)
  registers.import += total / 3600
  return JSON.stringify({
    power_w: Math.fround(total),
    phase_power_w: power,
    current_a: each((phase) => Math.fround((power[phase] ?? 0) / (voltage[phase] ?? 230))),
    voltage_v: voltage,
    power_factor: each(() => Math.fround(0.97 + 0.01 * noise())),
    frequency_hz: Math.fround(50 + 0.02 * noise()),
    // the slow group is read each tenth time
    ...(ms % (10 * SECOND) === 0
      ? { import_wh: Math.round(registers.import), export_wh: registers.export }
      : {}),
  })
}

function fill(): void {
  const db = openDatabase(`${folder}/raw.sqlite`, RAW_MIGRATIONS)
  const samples = new RawSamples(db, { capBytes: 1e12, limits: {} }, () => undefined)
  const empty = samples.use().bytes
  const add = (from: number, to: number) => {
    for (let minute = from; minute < to; minute += 60 * SECOND) {
      const of = Array.from({ length: 60 }, (_, n) => minute + n * SECOND)
      const readings = of.map((at) => ({ source: { meter }, at: instant(at), values: valuesAt(at) }))
      samples.add([{ facts: [], samples: readings, recordedAt: instant(minute + 59 * SECOND) }])
    }
  }
  add(start, start + DAY + 65 * 60 * SECOND)
  const day = start / DAY
  db.exec(
    `DELETE FROM chunk WHERE minute >= ${(day + 1) * MINUTES}; DELETE FROM minute; DELETE FROM sample; VACUUM`,
  )
  const repeat = (days: number, sql: (n: number) => string) => {
    const before = samples.use().bytes
    db.exec('BEGIN')
    for (let n = 1; n <= days; n++) db.exec(sql(n))
    db.exec('COMMIT')
    return samples.use().bytes - before
  }
  const raw = repeat(
    SAMPLE_DAYS,
    (n) => `INSERT INTO chunk (source_id, minute, samples)
      SELECT source_id, minute + ${n * MINUTES}, samples FROM chunk WHERE minute < ${(day + 1) * MINUTES}`,
  )
  const minutes = repeat(
    MINUTE_DAYS,
    (n) => `INSERT INTO day (source_id, day, quantity_id, stats)
      SELECT source_id, day + ${n}, quantity_id, stats FROM day WHERE day = ${day}`,
  )
  writeSync(1, `empty 0 ${empty}\nsamples ${SAMPLE_DAYS} ${raw}\nminutes ${MINUTE_DAYS} ${minutes}\n`)
  db.close()
}

fill()
const clock: Clock = {
  now: () => instant(0),
  monotonic: () => monotonic(0),
  timer: () => ({ cancel: () => undefined }),
}
const store = createSqliteStore({ folder, clock, newEpoch: () => as('epoch') })
await store.start()
const askDay = (n: number) => {
  const from = start + ((n * 37) % MINUTE_DAYS) * DAY
  const edges = Array.from({ length: MINUTES + 1 }, (_, minute) => instant(from + minute * 60 * SECOND))
  return store.series.buckets({ source: 'meter:grid', quantity: 'power_w', edges })
}
await askDay(0)
writeSync(1, 'ask\n')
for (let n = 1; n <= Number(queries); n++) await askDay(n)
writeSync(1, 'answered\n')
await store.stop()

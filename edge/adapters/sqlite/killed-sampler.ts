import { writeSync } from 'node:fs'
import type { Clock } from '@busbar/model/clock.ts'
import { as } from '@busbar/model/ids.ts'
import { instant, monotonic } from '@busbar/units/time.ts'
import { createSqliteStore } from './sqlite-store.ts'

/**
 * Run as a process of its own by the kill test of the series: a meter sample each second of its own time, as fast as
 * the disk takes them, and the time of each one acknowledged on a line of its own. Arguments: folder, ms to go on from.
 */
const [folder = '', from = '0'] = process.argv.slice(2)
const clock: Clock = {
  now: () => instant(0),
  monotonic: () => monotonic(0),
  timer: () => ({ cancel: () => undefined }),
}
const store = createSqliteStore({ folder, clock, newEpoch: () => as('epoch') })
await store.start()
for (let at = Number(from) + 1000; ; at += 1000) {
  const values = JSON.stringify({ power_w: (Math.imul(at, 2654435761) >>> 12) - 400_000 })
  const samples = [{ source: { meter: as<never>('grid') }, at: instant(at), values }]
  await store.factLog.append({ facts: [], samples, recordedAt: instant(at) })
  writeSync(1, `${at}\n`)
}

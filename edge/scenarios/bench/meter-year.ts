import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lines } from './lines.ts'

const SERIES = fileURLToPath(new URL('../../adapters/sqlite/bench-series.ts', import.meta.url))
const QUERIES = 200
const DAYS_A_YEAR = 365

/** What one meter leaves on disk, and how long a day at one minute out of its year takes to be answered. */
export interface MeterYear {
  /** Samples as long as they are kept. */
  readonly samplesMb: number
  readonly sampleDays: number
  /** Minutes of a year. */
  readonly minutesMb: number
  readonly dayQueryMs: number
}

/** Fills a store of its own in a process of its own. */
export async function meterYear(): Promise<MeterYear> {
  const folder = await mkdtemp(join(tmpdir(), 'busbar-year-'))
  const args = ['--disable-warning=ExperimentalWarning', SERIES, folder, String(QUERIES)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const lines = new Lines(child.stdout)
  const timed = (text: string) => lines.next(text).then(() => performance.now())
  const [samples, minutes, asked, answered] = await Promise.all([
    lines.next('samples ').then(daysAndMb),
    lines.next('minutes ').then(daysAndMb),
    timed('ask'),
    timed('answered'),
  ])
  await exit
  await rm(folder, { recursive: true })
  return {
    samplesMb: samples.mb,
    sampleDays: samples.days,
    minutesMb: (minutes.mb / minutes.days) * DAYS_A_YEAR,
    dayQueryMs: (answered - asked) / QUERIES,
  }
}

function daysAndMb(line: string): { readonly days: number; readonly mb: number } {
  const [, days, bytes] = line.split(' ').map(Number)
  return { days: days ?? 0, mb: (bytes ?? 0) / 1e6 }
}

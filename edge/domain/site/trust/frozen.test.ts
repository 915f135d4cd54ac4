import { monotonic } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import type { MeterReading } from '../../inputs.ts'
import { frozenSince, nextRun, type SameRun } from './frozen.ts'
import { readingAt } from './readings.test-kit.ts'

function runOf(readings: readonly MeterReading[]): SameRun {
  const run = readings.reduce<SameRun | null>((before, reading) => nextRun(before, reading), null)
  if (run === null) throw new Error('no readings')
  return run
}
const same = (scans: number, everyS: number) =>
  Array.from({ length: scans }, (_, index) => readingAt(index * everyS, 10))

describe('a meter that repeats itself', () => {
  it.each([
    { scans: 31, everyS: 1, since: 0, says: '31 times a second apart: frozen since the first' },
    { scans: 30, everyS: 1, since: null, says: '29 s are not long enough' },
    { scans: 19, everyS: 5, since: null, says: '19 times are not often enough' },
    { scans: 100, everyS: 0.1, since: null, says: 'a hundred times in ten seconds are not long enough' },
    { scans: 20, everyS: 2, since: 0, says: '20 times in 38 s' },
  ])('$says', ({ scans, everyS, since }) => {
    const readings = same(scans, everyS)
    expect(frozenSince(runOf(readings), monotonic((scans - 1) * everyS * 1000))).toBe(since)
  })

  it('counts anew from the first reading that differs', () => {
    const moved = { ...readingAt(20, 10), frequencyHz: 50.01 }
    expect(frozenSince(runOf([...same(20, 1), moved]), monotonic(60_000))).toBeNull()
  })

  it('is not judged by currents alone, which may rest all night', () => {
    const bare = same(60, 1).map(({ voltageV: _v, frequencyHz: _f, ...rest }) => rest)
    expect(frozenSince(runOf(bare), monotonic(60_000))).toBeNull()
  })
})

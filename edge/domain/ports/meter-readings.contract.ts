import type { MeterId } from '@busbar/model/ids.ts'
import type { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MeterResult } from './meter-readings.memory.ts'
import type { MeterReadings } from './meter-readings.ts'

/** One meter on the bench, read by the implementation under test. */
export interface MeterBench {
  readonly readings: MeterReadings
  readonly meter: MeterId
  readonly clock: FakeClock
  /** What the meter measures from now on; `silent` no longer answers, `absent` answers that it has no value. */
  set(state: { readonly frequencyHz: number } | 'silent' | 'absent'): Promise<void>
  /** Lets exactly one scan come to its end. */
  scan(): Promise<void>
  close(): Promise<void>
}

/** What every implementation of `MeterReadings` keeps. */
export function meterReadingsContract(name: string, setUp: () => Promise<MeterBench>): void {
  describe(`${name} keeps the contract of MeterReadings`, () => {
    let bench: MeterBench
    let results: MeterResult[]
    const start = () => bench.readings.start((result) => results.push(result))

    beforeEach(async () => {
      bench = await setUp()
      results = []
    })
    afterEach(async () => {
      await bench.readings.stop()
      await bench.close()
    })

    test('a scan ends in one reading of the named meter', async () => {
      await bench.set({ frequencyHz: 50.25 })
      await start()
      await bench.scan()
      expect(results).toMatchObject([{ reading: { meter: bench.meter, frequencyHz: 50.25 } }])
    })

    test('each scan has its own values and the time of its own reply', async () => {
      await bench.set({ frequencyHz: 50 })
      await start()
      await bench.scan()
      const first = { at: bench.clock.now(), monotonic: bench.clock.monotonic() }
      bench.clock.stepWall(seconds(3600))
      await bench.set({ frequencyHz: 49.5 })
      await bench.scan()
      const second = { at: bench.clock.now(), monotonic: bench.clock.monotonic() }
      expect(results).toMatchObject([
        { reading: { frequencyHz: 50, measuredAt: first.at, measuredAtMonotonic: first.monotonic } },
        { reading: { frequencyHz: 49.5, measuredAt: second.at, measuredAtMonotonic: second.monotonic } },
      ])
      expect(second.monotonic).toBeGreaterThan(first.monotonic)
    })

    test('a silent meter gives a failure for each scan, never a reading', async () => {
      await bench.set({ frequencyHz: 50 })
      await start()
      await bench.scan()
      await bench.set('silent')
      await bench.scan()
      await bench.scan()
      expect(results.slice(1)).toMatchObject([
        { failure: { meter: bench.meter, code: 'timeout' } },
        { failure: { meter: bench.meter, code: 'timeout' } },
      ])
    })

    test('a meter without values gives a failure, never a zero', async () => {
      await bench.set('absent')
      await start()
      await bench.scan()
      expect(results).toMatchObject([{ failure: { meter: bench.meter, code: 'no-values' } }])
    })

    test('readings come again when the meter does', async () => {
      await bench.set('silent')
      await start()
      await bench.scan()
      await bench.set({ frequencyHz: 50 })
      await bench.scan()
      expect(results.map((result) => 'reading' in result)).toEqual([false, true])
    })

    test('nothing is delivered before the start or after the stop', async () => {
      await bench.set({ frequencyHz: 50 })
      await start()
      await bench.scan()
      await bench.readings.stop()
      bench.clock.advance(seconds(60))
      expect(results).toHaveLength(1)
    })
  })
}

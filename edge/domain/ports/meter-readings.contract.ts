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

/** A bench in use, with what was delivered so far. */
interface Stage extends MeterBench {
  readonly results: readonly MeterResult[]
  start(): Promise<void>
}

/** What every implementation of `MeterReadings` keeps. */
export function meterReadingsContract(name: string, setUp: () => Promise<MeterBench>): void {
  describe(`${name} keeps the contract of MeterReadings`, () => {
    let stage: Stage

    beforeEach(async () => {
      const bench = await setUp()
      const results: MeterResult[] = []
      stage = { ...bench, results, start: () => bench.readings.start((result) => results.push(result)) }
    })
    afterEach(async () => {
      await stage.readings.stop()
      await stage.close()
    })

    readings(() => stage)
    failures(() => stage)
    test('nothing is delivered after the stop', async () => {
      await stage.set({ frequencyHz: 50 })
      await stage.start()
      await stage.scan()
      await stage.readings.stop()
      stage.clock.advance(seconds(60))
      expect(stage.results).toHaveLength(1)
    })
  })
}

function readings(stage: () => Stage): void {
  test('a scan ends in one reading of the named meter', async () => {
    const { meter, results, scan, set, start } = stage()
    await set({ frequencyHz: 50.25 })
    await start()
    await scan()
    expect(results).toMatchObject([{ reading: { meter, frequencyHz: 50.25 } }])
  })

  test('each scan has its own values and the time of its own reply', async () => {
    const { clock, results, scan, set, start } = stage()
    await set({ frequencyHz: 50 })
    await start()
    await scan()
    const first = { measuredAt: clock.now(), measuredAtMonotonic: clock.monotonic() }
    clock.stepWall(seconds(3600))
    await set({ frequencyHz: 49.5 })
    await scan()
    const second = { measuredAt: clock.now(), measuredAtMonotonic: clock.monotonic() }
    expect(results).toMatchObject([
      { reading: { frequencyHz: 50, ...first } },
      { reading: { frequencyHz: 49.5, ...second } },
    ])
    expect(second.measuredAtMonotonic).toBeGreaterThan(first.measuredAtMonotonic)
  })
}

function failures(stage: () => Stage): void {
  test('a silent meter gives a failure for each scan, never a reading', async () => {
    const { meter, results, scan, set, start } = stage()
    await set({ frequencyHz: 50 })
    await start()
    await scan()
    await set('silent')
    await scan()
    await scan()
    const failure = { meter, code: 'timeout' }
    expect(results.slice(1)).toMatchObject([{ failure }, { failure }])
  })

  test('a meter without values gives a failure, never a zero', async () => {
    const { meter, results, scan, set, start } = stage()
    await set('absent')
    await start()
    await scan()
    expect(results).toMatchObject([{ failure: { meter, code: 'no-values' } }])
  })

  test('readings come again when the meter does', async () => {
    const { results, scan, set, start } = stage()
    await set('silent')
    await start()
    await scan()
    await set({ frequencyHz: 50 })
    await scan()
    expect(results.map((result) => 'reading' in result)).toEqual([false, true])
  })
}

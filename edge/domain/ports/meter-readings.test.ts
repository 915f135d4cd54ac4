import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { meterReadingsContract } from './meter-readings.contract.ts'
import { MemoryMeterReadings, type MeterResult } from './meter-readings.memory.ts'

meterReadingsContract('the double', async () => {
  const readings = new MemoryMeterReadings()
  const clock = new FakeClock()
  const meter = as<MeterId>('GRID')
  let answer = (): MeterResult => ({ failure: failed('timeout') })
  const failed = (code: string) => ({ meter, at: clock.monotonic(), code, reason: code })
  return {
    readings,
    meter,
    clock,
    set: async (state) => {
      answer = () => {
        if (state === 'silent') return { failure: failed('timeout') }
        if (state === 'absent') return { failure: failed('no-values') }
        const stamp = { measuredAt: clock.now(), measuredAtMonotonic: clock.monotonic() }
        return { reading: { meter, ...stamp, frequencyHz: state.frequencyHz } }
      }
    },
    scan: async () => {
      clock.advance(seconds(1))
      readings.give(answer())
    },
    close: async () => undefined,
  }
})

import { watts } from '@busbar/units/electricity.ts'
import { perPhase } from '@busbar/units/per-phase.ts'
import { describe, expect, it } from 'vitest'
import type { MeterReading } from '../../inputs.ts'
import { contradiction } from './arithmetic.ts'
import { RATING, readingAt } from './readings.test-kit.ts'

const loaded = readingAt(0, 50)
const cases: readonly { says: string; reading: MeterReading; finds: string | null }[] = [
  { says: 'agreeing values', reading: loaded, finds: null },
  { says: 'no load at all', reading: readingAt(0, 0), finds: null },
  {
    says: 'a total that is not the sum',
    reading: { ...loaded, powerW: watts(20_000) },
    finds: 'add up to 34.50 kW',
  },
  {
    says: 'kilowatts taken as watts',
    reading: { ...loaded, powerW: watts(34.5), phasePowerW: perPhase(() => watts(11.5)) },
    finds: 'a wrong unit',
  },
  {
    says: 'more power than voltage times current',
    reading: { ...loaded, powerW: watts(40_000), phasePowerW: perPhase(() => watts(13_333)) },
    finds: 'voltage times current',
  },
  {
    says: 'a power that misses its power factor by 20 %',
    reading: { ...loaded, powerFactor: perPhase(() => 0.8) },
    finds: 'power L1',
  },
  {
    says: 'a power factor beyond 1',
    reading: { ...loaded, powerFactor: perPhase(() => 1.4) },
    finds: 'power factor L1',
  },
  {
    says: 'the same miss near no load',
    reading: { ...readingAt(0, 2), powerFactor: perPhase(() => 0.8) },
    finds: null,
  },
  {
    says: 'export',
    reading: { ...loaded, powerW: watts(-34_500), phasePowerW: perPhase(() => watts(-11_500)) },
    finds: null,
  },
]

describe('the values of one reading', () => {
  it.each(cases)('$says', ({ reading, finds }) => {
    const found = contradiction(reading, RATING)
    if (finds === null) expect(found).toBeNull()
    else expect(found).toContain(finds)
  })
})

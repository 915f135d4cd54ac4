import { percent, wattHours } from '@busbar/units/electricity.ts'
import { describe, expect, test } from 'vitest'
import { nextSoc, type SocEstimate } from './soc.ts'

/** What becomes of values told at every 1 kWh into a battery of 100 kWh; null is silence. */
function told(values: readonly (number | null)[], batteryWh: number | null = 100_000): SocEstimate | null {
  return values.reduce<SocEstimate | null>(
    (before, pct, index) =>
      nextSoc(before, {
        toldPct: pct === null ? null : percent(pct),
        registerWh: wattHours(1000 * index),
        batteryWh: batteryWh === null ? null : wattHours(batteryWh),
      }),
    null,
  )
}

describe('the state of charge', () => {
  test.each<[string, readonly (number | null)[], number | null, boolean]>([
    ['is unknown until it is told', [null, null], null, false],
    ['is what is told', [40, 41, 42], 42, false],
    ['may lag or lead the energy a little', [40, 40, 45], 45, false],
    ['goes on with the energy when the station falls silent', [40, null, null], 42, true],
    ['is told again after a silence', [40, null, 42.5], 42.5, false],
    ['does not follow a jump up', [40, 95], 41, true],
    ['does not follow a jump down', [40, 0], 41, true],
    ['does not follow a jump twice', [40, 95, 95], 42, true],
    ['follows what is told three times', [40, 95, 95, 96], 96, false],
    ['does not follow three jumps that differ', [40, 95, 10, 60], 43, true],
    ['forgets a jump when a sound value comes', [40, 95, 42, 95, 95], 44, true],
    ['never passes 100', [99.5, null, null], 100, true],
  ])('%s', (_sentence, values, pct, estimated) => {
    const soc = told(values)
    expect(soc?.pct ?? null).toBe(pct)
    expect(soc?.estimated ?? false).toBe(estimated)
  })

  test('stands still without a battery to count by', () => {
    expect(told([40, null, null], null)).toMatchObject({ pct: 40, estimated: false })
    expect(told([40, 90], null)).toMatchObject({ pct: 40, estimated: true })
  })
})

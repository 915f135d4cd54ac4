import { amps, percent, watts } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { EvseSample } from '../../domain/inputs.ts'
import { oneReport } from './one-report.ts'

const at = (s: number, of: Omit<EvseSample, 'time'>): EvseSample => ({
  time: { at: instant(s * 1000), stated: null, clock: 'synced' },
  ...of,
})
const all = (a: number) => ({ currentA: { l1: amps(a), l2: amps(a), l3: amps(a) } })
const timeS = (report: EvseSample | undefined) => (report?.time.at ?? Number.NaN) / 1000

describe('the samples of one message', () => {
  test('make no report when there are none', () => {
    expect(oneReport([], 'ac')).toBeUndefined()
  })

  test.each<[string, 'ac' | 'dc', readonly EvseSample[], number]>([
    ['the time of the current', 'ac', [at(10, all(6)), at(40, { socPct: percent(50) })], 10],
    ['the time of the current, not of the power', 'ac', [at(10, all(6)), at(40, { powerW: watts(1) })], 10],
    ['the time of the newest current', 'ac', [at(10, all(6)), at(40, all(7))], 40],
    ['the time of the newest current in whatever order', 'ac', [at(40, all(7)), at(10, all(6))], 40],
    [
      'the time of the power on DC, not of the current',
      'dc',
      [at(10, { powerW: watts(9000) }), at(40, all(20))],
      10,
    ],
    [
      'the time of the power where no current is told',
      'ac',
      [at(10, { powerW: watts(9) }), at(40, { socPct: percent(50) })],
      10,
    ],
    ['the newest time where nothing tells of a draw', 'ac', [at(10, {}), at(40, { socPct: percent(1) })], 40],
  ])('have %s', (_what, current, samples, time) => {
    expect(timeS(oneReport(samples, current))).toBe(time)
  })

  test('tell of each conductor what was told last, and are as old as the oldest of it', () => {
    const samples = [
      at(10, { currentA: { l1: amps(9) } }),
      at(20, { currentA: { l2: amps(30) } }),
      at(30, { currentA: { l1: amps(8) } }),
    ]
    const report = oneReport(samples, 'ac')
    expect(report?.currentA).toEqual({ l1: 8, l2: 30 })
    expect(timeS(report)).toBe(20)
  })

  test('keep the newest of everything else', () => {
    const samples = [
      at(10, { ...all(6), socPct: percent(40), powerW: watts(100) }),
      at(40, { socPct: percent(41) }),
    ]
    expect(oneReport(samples, 'ac')).toMatchObject({ socPct: 41, powerW: 100, currentA: { l1: 6 } })
  })
})

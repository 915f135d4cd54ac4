import { as, type MeterId } from '@busbar/model/ids.ts'
import { volts, watts } from '@busbar/units/electricity.ts'
import { perPhase } from '@busbar/units/per-phase.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import type { MeterReading } from '../../inputs.ts'
import type { MeterInspection } from './inspection.ts'
import { RATING, readingAt } from './readings.test-kit.ts'
import { selfTest, type TestEvidence, testResult } from './self-test.ts'

const five = (change: (reading: MeterReading, s: number) => MeterReading = (same) => same) =>
  [0, 1, 2, 3, 4].map((s) => change(readingAt(s, 50, 1000 + s), s))
const inspection: MeterInspection = {
  meter: as<MeterId>('m'),
  at: instant(0),
  identityAsked: true,
  serial: '42',
  offset: 0,
  offsets: [],
  raw: [],
  decoded: [],
  replyP99Ms: 20,
  deadlineMs: 1000,
}
const good: TestEvidence = {
  mode: 'automatic',
  readings: five(),
  scans: 5,
  lost: null,
  inspection,
  step: null,
  proven: false,
  asked: false,
}

const offsets = (...passing: readonly number[]) => ({
  inspection: {
    ...inspection,
    offsets: [0, 1].map((offset) => ({ offset, passes: passing.includes(offset) })),
  },
})
const cases: readonly {
  says: string
  evidence: Partial<TestEvidence>
  result: string
  at?: string
}[] = [
  { says: 'what needs nobody is enough', evidence: {}, result: 'passed' },
  { says: 'four readings are not', evidence: { readings: five().slice(1), scans: 4 }, result: 'pending' },
  { says: 'another device', evidence: { lost: 'identity: x', scans: 0 }, result: 'failed', at: 'identity' },
  { says: 'one offset fits', evidence: offsets(0), result: 'passed' },
  { says: 'both offsets fit', evidence: offsets(0, 1), result: 'failed', at: 'offset' },
  { says: 'the other offset fits', evidence: offsets(1), result: 'failed', at: 'offset' },
  {
    says: 'a frequency of 5 Hz',
    evidence: { readings: five((reading) => ({ ...reading, frequencyHz: 5 })) },
    result: 'failed',
    at: 'offset',
  },
  {
    says: 'a voltage of 400 V',
    evidence: { readings: five((reading) => ({ ...reading, voltageV: perPhase(() => volts(290)) })) },
    result: 'failed',
    at: 'offset',
  },
  {
    says: 'a total that is not the sum',
    evidence: { readings: five((reading) => ({ ...reading, powerW: watts(5000) })) },
    result: 'failed',
    at: 'arithmetic',
  },
  {
    says: 'an energy that falls',
    evidence: { readings: five((_, s) => readingAt(s, 50, 1000 - s)) },
    result: 'failed',
    at: 'order',
  },
  {
    says: 'a slow device',
    evidence: { inspection: { ...inspection, replyP99Ms: 600 } },
    result: 'failed',
    at: 'timing',
  },
  {
    says: 'a line that is slow for once, of a meter proven before',
    evidence: { inspection: { ...inspection, replyP99Ms: 600 }, proven: true },
    result: 'passed',
  },
  {
    says: 'a slow line of a meter proven before, where somebody asks for the whole test',
    evidence: { inspection: { ...inspection, replyP99Ms: 600 }, proven: true, asked: true },
    result: 'failed',
    at: 'timing',
  },
  {
    says: 'a step on the wrong conductor',
    evidence: {
      step: { kind: 'wrong', map: { l1: 'l2', l2: 'l1', l3: 'l3' }, reversed: [], ratio: 1, text: 'swapped' },
    },
    result: 'failed',
    at: 'direction',
  },
  { says: 'required, without a step', evidence: { mode: 'required', scans: 100 }, result: 'pending' },
  {
    says: 'required, too few scans',
    evidence: { mode: 'required', step: { kind: 'fits', ratio: 1 } },
    result: 'pending',
  },
  {
    says: 'required, with both',
    evidence: { mode: 'required', scans: 100, step: { kind: 'fits', ratio: 1 } },
    result: 'passed',
  },
  {
    says: 'required, proven before, after a restart',
    evidence: { mode: 'required', step: { kind: 'fits', ratio: 1 }, proven: true },
    result: 'passed',
  },
]

describe('the self-test of a meter', () => {
  it.each(cases)('$says: $result', ({ evidence, result, at }) => {
    const all = { ...good, ...evidence }
    const steps = selfTest(all, RATING)
    expect(testResult(steps, all.mode)).toBe(result)
    if (at !== undefined) expect(steps.find((step) => step.result === 'failed')?.step).toBe(at)
  })
})

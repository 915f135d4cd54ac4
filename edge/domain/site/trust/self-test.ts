import { PHASES } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../../inputs.ts'
import { contradiction, isJudgeable } from './arithmetic.ts'
import type { MeterInspection } from './inspection.ts'
import type { MeterRating } from './rating.ts'
import type { StepVerdict } from './step-check.ts'

/** `automatic`: passes on what needs no known load, which is then watched for. `required`: waits for that load too. */
export type SelfTestMode = 'automatic' | 'required'
export type TestStepName = 'identity' | 'offset' | 'arithmetic' | 'order' | 'direction' | 'ratio' | 'timing'
/** `not-checked`: the meter tells nothing that could be checked. */
export type TestStepResult = 'passed' | 'failed' | 'pending' | 'not-checked'

export interface TestStep {
  readonly step: TestStepName
  readonly result: TestStepResult
  readonly text: string
}

/** What a self-test is made from. */
export interface TestEvidence {
  readonly mode: SelfTestMode
  /** Good readings in a row, oldest first, at most `KEPT_READINGS`. */
  readonly readings: readonly MeterReading[]
  /** Scans in a row without a loss. */
  readonly scans: number
  /** Why the last scan was lost; null when it was not. */
  readonly lost: string | null
  /** What the device said of itself; null of one that cannot be asked. */
  readonly inspection: MeterInspection | null
  /** A known load's step seen by this meter as it is installed; null until then. */
  readonly step: StepVerdict | null
  /** An earlier test of the same meter, installed the same way, has passed. */
  readonly proven: boolean
  /** Somebody asked for the whole test, the line's timing too; a new connection asks only who answers and what. */
  readonly asked: boolean
}

/** Enough to judge values by; so many are kept. */
export const KEPT_READINGS = 5
/** Scans without a loss that prove the line, where somebody waits for it and where nobody does. */
const SCANS = { automatic: KEPT_READINGS, required: 100 } as const

const step = (name: TestStepName, result: TestStepResult, text: string): TestStep => ({
  step: name,
  result,
  text,
})

/** Every step of the self-test as it stands. @see metering.md 6 */
export const selfTest = (of: TestEvidence, rating: MeterRating): readonly TestStep[] => [
  identity(of),
  offset(of, rating),
  arithmetic(of, rating),
  order(of),
  direction(of),
  ratio(of),
  timing(of),
]

/** `passed` lets the meter drive limits; until then it is shown and nothing more. */
export function testResult(steps: readonly TestStep[], mode: SelfTestMode): 'passed' | 'failed' | 'pending' {
  if (steps.some(({ result }) => result === 'failed')) return 'failed'
  const mayWait = (name: TestStepName) => mode === 'automatic' && (name === 'direction' || name === 'ratio')
  return steps.some(({ step: name, result }) => result === 'pending' && !mayWait(name)) ? 'pending' : 'passed'
}

function identity({ inspection, readings, lost }: TestEvidence): TestStep {
  if (lost?.startsWith('identity')) return step('identity', 'failed', lost)
  if (readings.length === 0) return step('identity', 'pending', 'no reading yet')
  if (inspection === null || !inspection.identityAsked)
    return step('identity', 'not-checked', 'the device does not say what it is')
  const serial = inspection.serial === null ? '' : `; serial number ${inspection.serial}`
  return step('identity', 'passed', `the device is what its profile says${serial}`)
}

function offset({ inspection, readings }: TestEvidence, { nominalV }: MeterRating): TestStep {
  const offsets = inspection?.offsets ?? []
  const passing = offsets.filter(({ passes }) => passes).map((each) => each.offset)
  if (passing.length > 1)
    return step('offset', 'failed', `offsets ${passing.join(' and ')} both give plausible values`)
  const wrong = inspection !== null && offsets.length > 0 && !passing.includes(inspection.offset)
  if (wrong && passing[0] !== undefined)
    return step(
      'offset',
      'failed',
      `offset ${passing[0]} fits the device, ${inspection.offset} is configured`,
    )
  if (readings.length < KEPT_READINGS) return step('offset', 'pending', waits(readings.length))
  const faults = readings.map((reading) => supplyFault(reading, nominalV))
  const fault = faults.find((each) => each !== null && each !== 'untold')
  if (fault != null) return step('offset', 'failed', fault)
  return faults.includes('untold')
    ? step('offset', 'not-checked', 'it tells neither voltage nor frequency')
    : step('offset', 'passed', 'voltage and frequency are those of the supply')
}

/** Below this share of the nominal voltage a conductor is not energised. */
const ENERGISED = 0.1

/** What is wrong with voltage and frequency; `untold` where there is neither. */
function supplyFault({ frequencyHz, voltageV }: MeterReading, nominalV: number): string | null {
  if (frequencyHz === undefined && voltageV === undefined) return 'untold'
  if (frequencyHz !== undefined && !(frequencyHz >= 45 && frequencyHz <= 65))
    return `frequency is ${frequencyHz} Hz, expected 45 to 65`
  const energised = PHASES.flatMap((phase) => {
    const volts = voltageV?.[phase]
    return volts === undefined || volts < ENERGISED * nominalV ? [] : [{ phase, volts }]
  })
  if (voltageV !== undefined && energised.length === 0) return 'no conductor is energised'
  const odd = energised.find(({ volts }) => volts < 0.8 * nominalV || volts > 1.2 * nominalV)
  return odd === undefined
    ? null
    : `voltage ${odd.phase.toUpperCase()} is ${odd.volts.toFixed(1)} V, expected ${Math.round(0.8 * nominalV)} to ${Math.round(1.2 * nominalV)}`
}

function arithmetic({ readings }: TestEvidence, rating: MeterRating): TestStep {
  if (readings.length < KEPT_READINGS) return step('arithmetic', 'pending', waits(readings.length))
  if (!readings.some(isJudgeable))
    return step('arithmetic', 'not-checked', 'it tells no two things that could be compared')
  const faults = readings.map((reading) => contradiction(reading, rating))
  const fault = faults.findLast((each) => each !== null)
  // Values of several requests may be a moment apart: once is no fault.
  const often = faults.filter((each) => each !== null).length > 1
  return often && fault != null
    ? step('arithmetic', 'failed', fault)
    : step('arithmetic', 'passed', 'power, voltage and current agree')
}

function order({ readings }: TestEvidence): TestStep {
  if (readings.length < KEPT_READINGS) return step('order', 'pending', waits(readings.length))
  for (const name of ['importWh', 'exportWh'] as const) {
    const counters = readings.map((reading) => reading[name]).filter((wh) => wh !== undefined)
    const fell = counters.some((wh, index) => wh < (counters[index - 1] ?? wh))
    if (fell || counters.some((wh) => wh < 0))
      return step('order', 'failed', `${name === 'importWh' ? 'imported' : 'exported'} energy falls`)
  }
  return readings.some(({ importWh }) => importWh !== undefined)
    ? step('order', 'passed', 'energies do not fall')
    : step('order', 'not-checked', 'it tells no energies')
}

function direction({ step: seen }: TestEvidence): TestStep {
  if (seen === null) return step('direction', 'pending', 'waits for a step of a known station')
  if (seen.kind === 'unclear') return step('direction', 'pending', seen.text)
  if (seen.kind === 'fits')
    return step('direction', 'passed', 'a known load was seen on the right conductors, importing')
  const wired = seen.text.startsWith('reads')
  return wired
    ? step('direction', 'passed', 'a known load was seen on the right conductors, importing')
    : step('direction', 'failed', seen.text)
}

/** Measured over what the station says; farther from 1 than this is another transformer. */
const RATIO_ERROR = 0.1

function ratio({ step: seen }: TestEvidence): TestStep {
  if (seen === null || seen.kind === 'unclear')
    return step('ratio', 'pending', 'waits for a step of a known station')
  const text = `reads ${(seen.ratio * 100).toFixed(0)} % of what the station says`
  return step('ratio', Math.abs(seen.ratio - 1) <= RATIO_ERROR ? 'passed' : 'failed', text)
}

function timing({ mode, scans, lost, inspection, proven, asked }: TestEvidence): TestStep {
  const needed = SCANS[proven ? 'automatic' : mode]
  if (scans < needed)
    return step('timing', 'pending', lost ?? `${scans} of ${needed} scans in a row without a loss`)
  if (proven && !asked) return step('timing', 'passed', 'proven before; values come without a loss')
  const { replyP99Ms = null, deadlineMs = null } = inspection ?? {}
  if (replyP99Ms !== null && deadlineMs !== null && replyP99Ms > deadlineMs / 2)
    return step(
      'timing',
      'failed',
      `its slowest replies take ${Math.round(replyP99Ms)} ms of ${deadlineMs} allowed`,
    )
  return step('timing', 'passed', `${needed} scans in a row without a loss`)
}

const waits = (has: number): string => `${has} of ${KEPT_READINGS} readings`

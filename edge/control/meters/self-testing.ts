import type { MeterReading } from '../../domain/inputs.ts'
import type { MeterInspection } from '../../domain/site/trust/inspection.ts'
import {
  KEPT_READINGS,
  type SelfTestMode,
  selfTest,
  type TestStep,
  testResult,
} from '../../domain/site/trust/self-test.ts'
import { selfTestReports, stepsSeen, verdictOf } from '../../domain/site/trust/self-tests.ts'
import type { StepVerdict } from '../../domain/site/trust/step-check.ts'
import type { Depot } from '../depot.ts'
import type { MeterWatch, TestState } from './meter-watch.ts'
import { untested } from './meter-watch.ts'

export const modeOf = ({ place }: MeterWatch): SelfTestMode => place.selfTest ?? 'automatic'

/** Takes in a scan: a good reading, or null and why it is none. */
export function noteScan(
  depot: Depot,
  watch: MeterWatch,
  reading: MeterReading | null,
  lost: string | null = null,
): void {
  const { test } = watch
  // Another device answers: nothing that was proven holds.
  const passed = test.passed && lost?.startsWith('identity') !== true
  watch.test =
    reading === null
      ? { ...test, passed, readings: [], scans: 0, lost: lost ?? 'a reading could not stand' }
      : {
          ...test,
          readings: [...test.readings, reading].slice(-KEPT_READINGS),
          scans: test.scans + 1,
          lost: null,
        }
  judge(depot, watch)
}

/** Takes in what the device says of itself. Another serial number is another meter. */
export function noteInspection(depot: Depot, watch: MeterWatch, inspection: MeterInspection): void {
  const before = watch.test.inspection
  const other = before !== null && before.serial !== inspection.serial
  watch.test = { ...(other ? untested : watch.test), inspection }
  if (!other) watch.test = { ...watch.test, readings: [], scans: 0, asked: stillAsked(watch) }
  judge(depot, watch)
}

/** What was asked for and not yet answered outlives a lost connection. */
const stillAsked = ({ test }: MeterWatch): boolean => test.asked && test.told === null

/** Begins anew because somebody asks; what counted goes on counting unless a step fails. */
export function retest(depot: Depot, watch: MeterWatch, by: string): void {
  watch.test = { ...watch.test, readings: [], scans: 0, told: null, by, asked: true }
  judge(depot, watch)
}

/** The known load's step that holds for the meter as it is installed. */
export function stepOf(depot: Depot, { place, test }: MeterWatch): StepVerdict | null {
  const seen = depot.memory.table(stepsSeen).get(place.id)
  if (seen === undefined || seen.setup !== setupOf(place)) return null
  return test.inspection !== null && seen.serial !== test.inspection.serial ? null : verdictOf(seen)
}

export const setupOf = ({ setup }: MeterWatch['place']): string => setup ?? ''

/** Every step as it stands. */
export const stepsNow = (depot: Depot, watch: MeterWatch): readonly TestStep[] =>
  selfTest(
    { mode: modeOf(watch), ...watch.test, step: stepOf(depot, watch), proven: isProven(depot, watch) },
    watch.rating,
  )

function isProven(depot: Depot, { place, test }: MeterWatch): boolean {
  const report = depot.memory.table(selfTestReports).get(place.id)
  const same = report?.setup === setupOf(place) && report.serial === (test.inspection?.serial ?? null)
  return same && report?.result === 'passed'
}

/** Works the result out and lets the meter drive limits, or not. */
export function judge(depot: Depot, watch: MeterWatch): void {
  const steps = stepsNow(depot, watch)
  const result = testResult(steps, modeOf(watch))
  const passed = result === 'passed' || (watch.test.passed && result === 'pending')
  watch.test = { ...watch.test, passed }
  tell(depot, watch, { steps, result })
  prove(depot, watch, passed ? null : unprovenBy(steps, modeOf(watch)))
}

function unprovenBy(steps: readonly TestStep[], mode: SelfTestMode): string {
  const failed = steps.find(({ result }) => result === 'failed')
  if (failed !== undefined) return `self-test failed at ${failed.step}: ${failed.text}`
  const open = steps.filter(({ result }) => result === 'pending')
  const first = mode === 'automatic' ? open.find(({ step }) => step !== 'direction') : open[0]
  return `self-test under way: ${first?.text ?? 'waits for readings'}`
}

/** Sets whether the meter's word drives limits. What hangs below it may contradict it still. */
function prove(depot: Depot, watch: MeterWatch, unproven: string | null): void {
  const trust = depot.meters.get(watch.place.id)
  if (trust === undefined) return
  const contradicted = watch.findings.standing.find(({ check }) => check === 'tree')
  depot.meters.set(watch.place.id, { ...trust, unproven: unproven ?? contradicted?.text ?? null })
}

function tell(
  depot: Depot,
  watch: MeterWatch,
  { steps, result }: { steps: readonly TestStep[]; result: 'passed' | 'failed' | 'pending' },
): void {
  const failed = steps.filter((step) => step.result === 'failed').map(({ step }) => step)
  const open = steps.filter((step) => step.result === 'pending').length
  const told = result === 'pending' ? watch.test.told : `${result} ${failed.join()} ${open}`
  if (told === watch.test.told || told === null) return
  watch.test = { ...watch.test, told }
  depot.recorder.note([reportOf(depot, watch, { steps, result })])
}

function reportOf(
  depot: Depot,
  { place, test, ...watch }: MeterWatch,
  { steps, result }: { steps: readonly TestStep[]; result: TestReportResult },
) {
  const inspection: TestState['inspection'] = test.inspection
  return depot.recorder.fact(
    'MeterSelfTested',
    { type: 'meter', id: place.id },
    {
      meter: place.id,
      result,
      mode: modeOf({ place, test, ...watch }),
      steps,
      serial: inspection?.serial ?? null,
      setup: setupOf(place),
      raw: (inspection?.raw ?? []).map(({ functionCode, addr, words }) => ({
        function_code: functionCode,
        addr,
        words,
      })),
      decoded: inspection?.decoded ?? [],
      by: test.by,
    },
  )
}

type TestReportResult = ReturnType<typeof testResult>

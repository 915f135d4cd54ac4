import { type PerPhase, PHASES, perPhase } from '@busbar/units/per-phase.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import { notFollowing } from '../../domain/site/trust/follow.ts'
import { checkStep, KEPT_VERDICTS, type LoadStep, surelyWrong } from '../../domain/site/trust/step-check.ts'
import type { Depot } from '../depot.ts'
import type { EvseNow } from '../use.ts'
import { steadyDraw } from './below.ts'
import { found } from './examine.ts'
import type { MeterWatch } from './meter-watch.ts'
import { judge, setupOf, stepOf } from './self-testing.ts'

/** A moment at which all stations were steady, and what the meter read then, W per conductor. */
export interface Quiet {
  readonly at: Monotonic
  readonly stationsW: PerPhase<number>
  readonly meterW: PerPhase<number>
  readonly reading: MeterReading
}

/** The meter is looked at over this long: it must have stood still meanwhile. */
const STILL = seconds(6)
/** A step of a known load: at least this share of a conductor's rating, and this much. */
const STEP_SHARE = 0.015
const STEP_W = 700
/** What else may have moved on a conductor, as a share of a step. */
const NOISE = 0.25
/** What the meter saw without a station telling of it may be one whose report is still to come. */
const REPORT_LAG = seconds(40)

/** Compares what stations say of their steps with what the meter saw of them; run each tick. */
export function watchSteps(depot: Depot, watch: MeterWatch, evses: readonly EvseNow[]): void {
  const now = quietNow(depot, watch, evses)
  if (now === null) return
  const before = watch.quiet
  const steppedW = before === null ? null : difference(now.stationsW, before.stationsW)
  if (before === null || steppedW === null || largest(steppedW) < leastStep(watch)) {
    if (before === null || settledSince(watch, before, now)) watch.quiet = now
    return
  }
  watch.quiet = now
  const step: LoadStep = { expectedW: steppedW, measuredW: difference(now.meterW, before.meterW) }
  if (!followed(depot, watch, { before, step })) return
  conclude(depot, watch, step)
}

const leastStep = ({ rating }: MeterWatch): number =>
  Math.max(STEP_W, STEP_SHARE * rating.nominalV * Math.min(...PHASES.map((phase) => rating.currentA[phase])))

/** Loads that are no stations drift; a larger change is given time to be told by its station. */
function settledSince(watch: MeterWatch, before: Quiet, now: Quiet): boolean {
  const drift = largest(difference(now.meterW, before.meterW))
  return drift < NOISE * leastStep(watch) || between(before.at, now.at) > REPORT_LAG
}

function quietNow(depot: Depot, watch: MeterWatch, evses: readonly EvseNow[]): Quiet | null {
  const { monotonic: at } = depot
  const seen = watch.recent.filter(({ measuredAtMonotonic }) => between(measuredAtMonotonic, at) <= STILL)
  const reading = seen.at(-1)
  const powers = seen.flatMap(({ phasePowerW }) => {
    const { l1, l2, l3 } = phasePowerW ?? {}
    return l1 === undefined || l2 === undefined || l3 === undefined ? [] : [{ l1, l2, l3 }]
  })
  if (reading === undefined || powers.length < 3) return null
  const restless = PHASES.some((phase) => {
    const values = powers.map((power) => power[phase])
    return Math.max(...values) - Math.min(...values) > 2 * NOISE * leastStep(watch)
  })
  const stations = restless ? null : steadyDraw(depot, watch, evses)
  if (stations === null) return null
  const meterW = perPhase((phase) => powers.reduce((sum, power) => sum + power[phase], 0) / powers.length)
  return { at, stationsW: stations.phaseW, meterW, reading }
}

/** False when the meter stood still meanwhile: what it says since then is old. */
function followed(
  depot: Depot,
  watch: MeterWatch,
  { before, step }: { before: Quiet; step: LoadStep },
): boolean {
  const { l1, l2, l3 } = step.expectedW
  const since = watch.recent.filter(({ measuredAtMonotonic: at }) => at >= before.at - STILL)
  const range = (values: readonly (number | undefined)[]) => {
    const told = values.filter((value) => value !== undefined)
    return { low: Math.min(...told), high: Math.max(...told) }
  }
  const moved = PHASES.map((phase) => range(since.map(({ phasePowerW }) => phasePowerW?.[phase])))
  const most = Math.max(...moved.map(({ low, high }) => high - low))
  const fault = notFollowing(l1 + l2 + l3, most, watch.rating)
  if (fault === null) return true
  watch.stuck = { ...range(since.map(({ powerW }) => powerW)), since: before.reading }
  found(depot, watch, { check: 'not-following', text: fault })
  return false
}

/** One step that fits proves the wiring; that it is wrong several must say alike, or one that a person asked for. */
function conclude(depot: Depot, watch: MeterWatch, step: LoadStep): void {
  const verdict = checkStep(step)
  if (verdict.kind === 'unclear') return
  watch.verdicts = [...watch.verdicts, verdict].slice(-KEPT_VERDICTS)
  if (verdict.kind === 'wrong' && watch.test.pause === null && !surelyWrong(watch.verdicts)) return
  const meter = watch.place.id
  const wrong = verdict.kind === 'wrong' ? verdict : null
  const fact = depot.recorder.fact(
    'MeterStepSeen',
    { type: 'meter', id: meter },
    {
      meter,
      setup: setupOf(watch.place),
      serial: watch.test.inspection?.serial ?? null,
      verdict: verdict.kind,
      ratio: rounded(verdict.ratio),
      map: wrong?.map ?? null,
      reversed: wrong?.reversed ?? [],
      expected_w: perPhase((phase) => rounded(step.expectedW[phase])),
      measured_w: perPhase((phase) => rounded(step.measuredW[phase])),
      text: wrong?.text ?? 'a known load was seen on the right conductors, importing',
      by: watch.test.by,
    },
  )
  // What is known already is no news.
  const known = stepOf(depot, watch)
  if (known?.kind !== verdict.kind || verdict.kind === 'wrong' || watch.test.pause !== null)
    depot.recorder.note([fact])
  judge(depot, watch)
}

const rounded = (value: number): number => Math.round(value * 100) / 100
const difference = (now: PerPhase<number>, before: PerPhase<number>): PerPhase<number> =>
  perPhase((phase) => now[phase] - before[phase])
const largest = (values: PerPhase<number>): number =>
  Math.max(...PHASES.map((phase) => Math.abs(values[phase])))

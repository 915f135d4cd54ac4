import type { Monotonic } from '@busbar/units/time.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import type { MeterPlace } from '../../domain/site/site.ts'
import type { EnergyBalance } from '../../domain/site/trust/energy-balance.ts'
import type { SameRun } from '../../domain/site/trust/frozen.ts'
import type { MeterInspection } from '../../domain/site/trust/inspection.ts'
import type { MeterRating } from '../../domain/site/trust/rating.ts'
import type { StepVerdict } from '../../domain/site/trust/step-check.ts'
import { Findings } from './findings.ts'
import type { Quiet } from './station-steps.ts'

/** What is remembered of one meter that is read, in memory only; reports and steps are facts. */
export interface MeterWatch {
  readonly place: MeterPlace
  readonly rating: MeterRating
  readonly findings: Findings
  /** The last minutes' readings, taken or not, oldest first. */
  recent: readonly MeterReading[]
  run: SameRun | null
  energy: EnergyBalance | null
  /** Power did not follow a station: what it read then is repeated until it leaves this band. */
  stuck: { readonly low: number; readonly high: number; readonly since: MeterReading } | null
  quiet: Quiet | null
  /** What the last steps told, oldest first. */
  verdicts: readonly StepVerdict[]
  test: TestState
}

/** How far the self-test of this run is. */
export interface TestState {
  readonly readings: readonly MeterReading[]
  readonly scans: number
  readonly lost: string | null
  readonly inspection: MeterInspection | null
  /** Passed, and goes on counting while the steps are gone through once more. */
  readonly passed: boolean
  /** What was last written down: result and failed steps. */
  readonly told: string | null
  /** Who asked for it. */
  readonly by: string
  /** Whether somebody asked for the whole test, since the device was last connected to. */
  readonly asked: boolean
  /** The EVSE that is paused for a step, until when. */
  readonly pause: { readonly evse: string; readonly until: Monotonic } | null
}

export const untested: TestState = {
  readings: [],
  scans: 0,
  lost: null,
  inspection: null,
  passed: false,
  told: null,
  by: 'controller',
  asked: false,
  pause: null,
}

export const newWatch = (place: MeterPlace, rating: MeterRating): MeterWatch => ({
  place,
  rating,
  findings: new Findings(),
  recent: [],
  run: null,
  energy: null,
  stuck: null,
  quiet: null,
  verdicts: [],
  test: untested,
})

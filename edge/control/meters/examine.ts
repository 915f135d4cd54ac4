import type { MeterFailure, MeterReading } from '../../domain/inputs.ts'
import { contradiction } from '../../domain/site/trust/arithmetic.ts'
import { nextBalance } from '../../domain/site/trust/energy-balance.ts'
import { doubtfulFall } from '../../domain/site/trust/fall.ts'
import { frozenSince, nextRun } from '../../domain/site/trust/frozen.ts'
import type { Depot } from '../depot.ts'
import type { Check } from './findings.ts'
import type { MeterWatch } from './meter-watch.ts'
import { noteScan } from './self-testing.ts'

/** Why a reading is not taken. */
export interface Doubt {
  readonly check: Check
  readonly reason: string
  /** What it says may take room away all the same. */
  readonly mayLower: boolean
  /** The last true reading, where those after it only repeated it. */
  readonly since?: MeterReading
}

/** Values of several requests may lie a moment apart: so often in a row is no accident. */
const CONTRADICTIONS = 5
/** A power that moved by this share of the rating follows again. */
const FOLLOWS = 0.01
const KEPT_READINGS = 600
const KEPT_MS = 120_000

/** Looks whether a reading can stand. Its check's finding is told and stays open until all was well for a while. */
export function examine(depot: Depot, watch: MeterWatch, reading: MeterReading): Doubt | null {
  const doubt = judged(depot, watch, reading)
  const at = reading.measuredAtMonotonic
  watch.recent = [...watch.recent, reading]
    .filter(({ measuredAtMonotonic }) => at - measuredAtMonotonic <= KEPT_MS)
    .slice(-KEPT_READINGS)
  if (doubt !== null && doubt.check !== 'fall')
    found(depot, watch, { check: doubt.check, text: doubt.reason })
  const passing: readonly Check[] = ['range', 'identity', 'frozen', 'not-following']
  for (const check of passing) if (doubt?.check !== check) content(depot, watch, check)
  noteScan(depot, watch, doubt === null ? reading : null)
  return doubt
}

function judged(depot: Depot, watch: MeterWatch, reading: MeterReading): Doubt | null {
  const { rating, recent } = watch
  const at = reading.measuredAtMonotonic
  watch.run = nextRun(watch.run, reading)
  const before = recent.at(-1) ?? null
  const energy = energyDoubt(depot, watch, reading)
  const frozen = frozenSince(watch.run, at)
  if (frozen !== null)
    return {
      check: 'frozen',
      reason: `its values have not moved for ${Math.round((at - frozen) / 1000)} s`,
      mayLower: false,
      since: watch.run.first,
    }
  const stuck = stuckDoubt(watch, reading)
  if (stuck !== null) return stuck
  const wrong = contradiction(reading, rating)
  if (wrong === null) content(depot, watch, 'arithmetic')
  else found(depot, watch, { check: 'arithmetic', text: wrong, times: CONTRADICTIONS })
  if (wrong !== null && watch.findings.has('arithmetic'))
    return { check: 'arithmetic', reason: wrong, mayLower: false }
  if (energy !== null) return energy
  const fall = doubtfulFall(before, reading, rating)
  return fall === null ? null : { check: 'fall', reason: fall, mayLower: true }
}

function energyDoubt(depot: Depot, watch: MeterWatch, reading: MeterReading): Doubt | null {
  const { balance, finding } = nextBalance(watch.energy, reading, watch.rating)
  watch.energy = balance
  if (finding?.kind === 'stands') return { check: 'energy-stands', reason: finding.text, mayLower: false }
  content(depot, watch, 'energy-stands')
  if (finding?.kind === 'agrees') content(depot, watch, 'energy-drift')
  if (finding?.kind === 'drift') found(depot, watch, { check: 'energy-drift', text: finding.text })
  if (finding?.kind === 'restarted') {
    const meter = watch.place.id
    const data = { meter, reason: finding.text }
    depot.recorder.note([depot.recorder.fact('MeterCounterRestarted', { type: 'meter', id: meter }, data)])
  }
  return null
}

function stuckDoubt(watch: MeterWatch, { powerW }: MeterReading): Doubt | null {
  const { stuck, rating } = watch
  if (stuck === null || powerW === undefined) return null
  const band = FOLLOWS * rating.powerW
  if (powerW < stuck.low - band || powerW > stuck.high + band) {
    watch.stuck = null
    return null
  }
  return {
    check: 'not-following',
    reason: 'its power did not follow a station',
    mayLower: false,
    since: stuck.since,
  }
}

/** A scan without values: what it was lost by may itself be a finding. */
export function examineFailure(depot: Depot, watch: MeterWatch, { code, reason }: MeterFailure): void {
  if (code === 'implausible') found(depot, watch, { check: 'range', text: reason })
  if (code === 'identity') found(depot, watch, { check: 'identity', text: reason })
  noteScan(depot, watch, null, `${code}: ${reason}`)
}

/** Notes a finding, as a fact once it stands. */
export function found(
  depot: Depot,
  watch: MeterWatch,
  { check, text, times = 1 }: { check: Check; text: string; times?: number },
): void {
  if (!watch.findings.bad(check, text, { at: depot.monotonic, times })) return
  const meter = watch.place.id
  depot.recorder.note([
    depot.recorder.fact('MeterSuspected', { type: 'meter', id: meter }, { meter, check, reason: text }),
  ])
}

/** Notes that a check found nothing. */
export function content(depot: Depot, watch: MeterWatch, check: Check): void {
  if (!watch.findings.good(check, depot.monotonic)) return
  const meter = watch.place.id
  depot.recorder.note([depot.recorder.fact('MeterCleared', { type: 'meter', id: meter }, { meter, check })])
}

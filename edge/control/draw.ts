import type { Phase } from '@busbar/units/per-phase.ts'
import { between, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import type { DrawBounds } from '../domain/load-balancing/base-load.ts'
import { countedAnyway } from '../domain/load-balancing/hold.ts'
import { freshReport, REPORT_FRESH, type Report } from '../domain/load-balancing/observation.ts'
import { INNER } from '../domain/load-balancing/row-list.ts'
import {
  activePhases,
  type Coefficient,
  type Level,
  levelOf,
  loadAt,
  type Row,
  type VoltageBounds,
} from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { isPhase } from './measured.ts'
import { acceptedFor, stuckLevel } from './stuck.ts'
import type { EvseNow } from './use.ts'

/** Two reports closer than this tell a steady draw: max(0.5 A or 500 W, 3 %). */
const steadyBand = (value: number): number => Math.max(500, value * 0.03)

/**
 * Between which sums the EVSEs on a row may have drawn when the meter sampled. No EVSE counts for more than its hold:
 * what it draws beyond that shows as base load, so that the row never looks emptier than it is. Of a phasor's polygon
 * every side tells; the circle lies within it.
 */
export function drawBounds(depot: Depot, index: number, evses: readonly EvseNow[]): DrawBounds {
  const sides = depot.wiring.sidesOf.get(index) ?? [index]
  const bounds = sides.map((side) => boundsOn(depot, { index: side, angled: sides.length > 1 }, evses))
  if (bounds.length === 1) return bounds[0] ?? { low: 0, high: 0 }
  return {
    low: Math.max(0, ...bounds.map(({ low }) => low * INNER)),
    high: Math.max(0, ...bounds.map(({ high }) => high)),
  }
}

interface Side {
  readonly index: number
  readonly angled: boolean
}

function boundsOn(depot: Depot, { index, angled }: Side, evses: readonly EvseNow[]): DrawBounds {
  const row = depot.rows[index]
  let low = 0
  let high = 0
  for (const now of evses) {
    const c = now.loads.find((each) => each.row === index)
    if (row === undefined || c === undefined) continue
    // What relieves an export loads the same meter.
    const coefficient = row.kind === 'export' ? { ...c, perLevel: -c.perLevel } : c
    const seen = seenBounds(depot, now, { row, coefficient, angled, voltage: depot.voltages.bounds })
    const most = loadAt(coefficient, now.hold)
    const followed = loadAt(coefficient, followedLevel(depot, now))
    const least = coefficient.perLevel < 0 ? coefficient.perLevel * now.hold : 0
    low += Math.max(least, Math.min(seen.low, most))
    high += Math.max(least, Math.min(seen.high, most, followed))
  }
  return { low, high }
}

/** A lower limit that was accepted so long ago is taken to be followed, unless the EVSE counts as stuck. */
const FOLLOWED = seconds(5)

/**
 * The most an EVSE counts for as drawn where no report tells: what its row counts for it. Would the base take it to draw
 * all it might while its row counts the lower limit, both together would miss a load that the meter shows.
 */
function followedLevel(depot: Depot, now: EvseNow): Level {
  const { use, hold } = now
  const { standing } = use.ledger
  const follows = standing.findLastIndex((entry) => acceptedFor(entry, use, depot.monotonic) >= FOLLOWED)
  if (follows < 0 || stuckLevel(depot, now) > 0) return hold
  return Math.max(countedAnyway(use), ...standing.slice(follows).map(({ limit }) => levelOf(limit)))
}

interface On {
  readonly row: Row
  readonly coefficient: Coefficient
  readonly angled: boolean
  readonly voltage: VoltageBounds
}

/** Nothing to everything, unless reports tell: the last two as long as they are fresh, no more when they are steady. */
function seenBounds(depot: Depot, { evse, use }: EvseNow, on: On): DrawBounds {
  const unknown: DrawBounds =
    on.coefficient.perLevel < 0
      ? { low: Number.NEGATIVE_INFINITY, high: 0 }
      : { low: 0, high: Number.POSITIVE_INFINITY }
  const last = freshReport(use.observation, depot.monotonic)
  const before = use.observation.reports.at(-2)
  if (last === null || before === undefined || between(before.at, last.at) > REPORT_FRESH) return unknown
  const active = activePhases(evse, use.observation.usedPhases)
  const [seen, earlier] = [last, before].map((report) => loadOf(evse, report, { ...on, active }))
  if (seen == null || earlier == null) return unknown
  const newest = newestLimit(use.ledger)
  const changed = newest && use.times.get(newest.request)
  const settled = changed === undefined || (changed.answeredAt !== null && changed.answeredAt < before.at)
  const steady = settled && Math.abs(seen.high - earlier.high) <= steadyBand(Math.abs(seen.high))
  const low = Math.min(seen.low, earlier.low)
  return steady
    ? { low, high: Math.max(seen.high, earlier.high) }
    : { low: unsteady(Math.min(low, ordered(use, on)), on), high: unknown.high }
}

/** What the newest limit leaves of a draw: one that was lowered since the last report may be obeyed already. */
function ordered({ ledger }: EvseNow['use'], { coefficient }: On): number {
  const newest = newestLimit(ledger)
  return newest === undefined ? 0 : loadAt(coefficient, levelOf(newest.limit))
}

/** A draw that may have moved relieves at most all it may. */
const unsteady = (low: number, { coefficient }: On): number =>
  coefficient.perLevel < 0 ? Number.NEGATIVE_INFINITY : low

/** What a report says of a row: AC stations report conductors, DC stations their output. */
function loadOf(
  evse: Evse,
  report: Report,
  on: On & { readonly active: readonly Phase[] },
): DrawBounds | null {
  const { row, coefficient, angled, voltage, active } = on
  const share = coefficient.share ?? { worst: 1, least: 1 }
  if (evse.current === 'dc') {
    const high = report.powerW === null ? null : coefficient.perLevel * report.powerW
    if (high === null) return null
    const certain = (1 - (evse.efficiencyError ?? 0)) * (share.least / share.worst)
    const low = high * certain * (isPhase(row.kind) ? voltage.lowV / voltage.highV : 1)
    return { low: Math.min(low, high), high: Math.max(low, high) }
  }
  if (!isPhase(row.kind))
    return report.powerW === null
      ? null
      : { low: report.powerW * share.least, high: report.powerW * share.worst }
  if (angled) return angledLoad(active, report, coefficient)
  const current = report.currentMa[row.kind]
  if (current === undefined) return null
  const high = current * coefficient.perLevel
  return { low: high * (share.least / share.worst), high }
}

/** Where angles count, a station's conductors are taken as alike: between the least and the most it reports. */
function angledLoad(
  active: readonly Phase[],
  { currentMa }: Report,
  { perLevel, share }: Coefficient,
): DrawBounds | null {
  const currents = active.flatMap((phase) => currentMa[phase] ?? [])
  if (currents.length === 0) return null
  const certain = share === undefined ? 1 : share.least / share.worst
  const ends = [perLevel * Math.min(...currents) * certain, perLevel * Math.max(...currents)]
  return { low: Math.min(...ends), high: Math.max(...ends) }
}

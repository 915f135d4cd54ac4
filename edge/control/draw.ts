import { newestLimit } from '../domain/charging/limit-ledger.ts'
import type { DrawBounds } from '../domain/load-balancing/base-load.ts'
import { freshReport, type Report } from '../domain/load-balancing/observation.ts'
import { coefficients, loadAt, type Row } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'
import type { EvseNow } from './use.ts'
import { voltageBounds } from './voltage.ts'

/** Two reports closer than this tell a steady draw: max(0.5 A or 500 W, 3 %). */
const steadyBand = (value: number): number => Math.max(500, value * 0.03)

/** Between which sums the EVSEs on a row may have drawn when the meter sampled. */
export function drawBounds(depot: Depot, row: Row, evses: readonly EvseNow[]): DrawBounds {
  let low = 0
  let high = 0
  const voltage = voltageBounds(depot)
  for (const now of evses) {
    const active = now.use.observation.usedPhases ?? now.evse.phases
    const [coefficient] = coefficients(depot.setup.site, [row], {
      evse: now.evse,
      active: now.evse.phases,
      voltage,
    })
    if (coefficient === undefined) continue
    const bounds = evseBounds(depot, now, {
      row,
      worst: active.length > 0 ? loadAt(coefficient, now.hold) : 0,
      lowV: voltage.lowV,
      highV: voltage.highV,
    })
    low += bounds.low
    high += bounds.high
  }
  return { low, high }
}

function evseBounds(
  depot: Depot,
  now: EvseNow,
  on: { row: Row; worst: number; lowV: number; highV: number },
): DrawBounds {
  const last = freshReport(now.use.observation, depot.monotonic)
  if (last === null) return { low: 0, high: on.worst }
  const seen = loadOf(now, last, on)
  if (seen === null) return { low: 0, high: on.worst }
  const before = now.use.observation.reports.at(-2)
  const earlier = before === undefined ? null : loadOf(now, before, on)
  if (earlier === null || before === undefined) return { low: 0, high: Math.max(on.worst, seen.high) }
  const changed = newestLimit(now.use.ledger)
  const settled = changed === undefined || changed.at < before.receivedAt
  const steady = settled && Math.abs(seen.high - earlier.high) <= steadyBand(seen.high)
  if (steady) return { low: Math.min(seen.low, earlier.low), high: Math.max(seen.high, earlier.high) }
  return { low: Math.min(seen.low, earlier.low), high: Math.max(on.worst, seen.high, earlier.high) }
}

/** What a report says of a row: AC stations report conductors, DC stations their output. */
function loadOf(
  now: EvseNow,
  report: Report,
  on: { row: Row; lowV: number; highV: number },
): DrawBounds | null {
  const { evse } = now
  if (on.row.kind === 'power') {
    if (report.powerW === null) return null
    const watts = report.powerW / evse.efficiency
    return { low: watts, high: watts }
  }
  if (evse.current === 'ac') {
    if (!evse.phases.includes(on.row.kind)) return { low: 0, high: 0 }
    const current = report.currentMa[on.row.kind]
    return current === undefined ? null : { low: current, high: current }
  }
  if (report.powerW === null) return null
  const perVolt = (report.powerW * 1000) / (evse.efficiency * evse.powerFactor * evse.phases.length)
  return { low: perVolt / on.highV, high: perVolt / on.lowV }
}

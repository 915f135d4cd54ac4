import { between } from '@busbar/units/time.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import type { DrawBounds } from '../domain/load-balancing/base-load.ts'
import { freshReport, REPORT_FRESH, type Report } from '../domain/load-balancing/observation.ts'
import { loadAt, type Row, type VoltageBounds } from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import type { EvseNow } from './use.ts'

/** Two reports closer than this tell a steady draw: max(0.5 A or 500 W, 3 %). */
const steadyBand = (value: number): number => Math.max(500, value * 0.03)

/**
 * Between which sums the EVSEs on a row may have drawn when the meter sampled. No EVSE counts for more than its hold:
 * what it draws beyond that shows as base load, so that the row never looks emptier than it is.
 */
export function drawBounds(depot: Depot, index: number, evses: readonly EvseNow[]): DrawBounds {
  const row = depot.rows[index]
  let low = 0
  let high = 0
  for (const now of evses) {
    const coefficient = now.loads.find((c) => c.row === index)
    if (row === undefined || coefficient === undefined) continue
    const most = loadAt(coefficient, now.hold)
    const seen = seenBounds(depot, now, row)
    low += Math.min(seen.low, most)
    high += Math.min(seen.high, most)
  }
  return { low, high }
}

/** Nothing to everything, unless reports tell: the last two as long as they are fresh, no more when they are steady. */
function seenBounds(depot: Depot, { evse, use }: EvseNow, row: Row): DrawBounds {
  const unknown: DrawBounds = { low: 0, high: Number.POSITIVE_INFINITY }
  const last = freshReport(use.observation, depot.monotonic)
  const before = use.observation.reports.at(-2)
  if (last === null || before === undefined || between(before.at, last.at) > REPORT_FRESH) return unknown
  const on = { row, voltage: depot.voltages.bounds }
  const [seen, earlier] = [loadOf(evse, last, on), loadOf(evse, before, on)]
  if (seen === null || earlier === null) return unknown
  const newest = newestLimit(use.ledger)
  const changed = newest && use.times.get(newest.request)
  const settled = changed === undefined || (changed.answeredAt !== null && changed.answeredAt < before.at)
  const steady = settled && Math.abs(seen.high - earlier.high) <= steadyBand(seen.high)
  const low = Math.min(seen.low, earlier.low)
  return { low, high: steady ? Math.max(seen.high, earlier.high) : Number.POSITIVE_INFINITY }
}

/** What a report says of a row: AC stations report conductors, DC stations their output. */
function loadOf(
  evse: Evse,
  { powerW, currentMa }: Report,
  { row, voltage }: { row: Row; voltage: VoltageBounds },
): DrawBounds | null {
  if (row.kind !== 'power' && evse.current === 'ac') {
    const current = currentMa[row.kind]
    return current === undefined ? null : { low: current, high: current }
  }
  if (powerW === null) return null
  if (row.kind === 'power') return { low: powerW / evse.efficiency, high: powerW / evse.efficiency }
  const perVolt = (powerW * 1000) / (evse.efficiency * evse.powerFactor * evse.phases.length)
  return { low: perVolt / voltage.highV, high: perVolt / voltage.lowV }
}

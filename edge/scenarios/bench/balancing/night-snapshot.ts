import { wattHours } from '@busbar/units/electricity.ts'
import { hours, instant, later } from '@busbar/units/time.ts'
import { urgency } from '../../../domain/load-balancing/demand.ts'
import type { Level } from '../../../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from '../../../domain/load-balancing/snapshot.ts'
import type { TriageCase } from '../../../domain/load-balancing/triage.ts'
import { coefficients } from '../../../domain/load-balancing/wiring.ts'
import { DC, FALLBACK_W, isDown, type NightDepot, OUTLET_W, STEP_H } from './night-depot.ts'
import type { NightMoment, Parked } from './night-simulate.ts'

/** What the meters have shown of the voltage. */
const VOLTAGE = { highV: 240, lowV: 222 }
const MIN_W = 5000
const STEP_W = 100

/** The depot as the product's balancer gets it: its own rows, buses by urgency; a station without voltage is out of contact. */
export function nightSnapshot(moment: NightMoment): SiteSnapshot {
  const { depot, step, parked } = moment
  return { rows: rowsAt(depot, step), evses: parked.map((one) => evseAt(moment, one)), mayRise: true }
}

/** The building loads the grid connection alone. */
function rowsAt({ wiring, baseW }: NightDepot, step: number): SnapshotRow[] {
  const w = baseW(step)
  const ma = Math.ceil((w * 1000) / (3 * VOLTAGE.lowV * DC.powerFactor))
  return wiring.rows.map((row): SnapshotRow => {
    const base = row.circuit !== 'grid' ? 0 : row.kind === 'power' ? Math.ceil(w) : ma
    return { ...row, base, capacity: row.limit - base, mayRise: true, mayStart: true }
  })
}

function evseAt(moment: NightMoment, one: Parked): SnapshotEvse {
  const { depot, step } = moment
  const { evse } = one.bus
  const off = isDown(depot, one.bus, step)
  const now = instant(0)
  const what = {
    departureAt: later(now, hours(hoursLeft(moment, one))),
    energyLeftWh: wattHours(Math.max(0, one.leftWh)),
  }
  return {
    key: evse.key,
    loads: coefficients(depot.wiring, { evse, active: evse.phases, voltage: VOLTAGE }),
    steerable: !off,
    hold: off ? FALLBACK_W : (one.level ?? FALLBACK_W),
    expected: FALLBACK_W,
    fallback: FALLBACK_W,
    stuck: 0,
    current: one.level,
    min: MIN_W,
    max: askedW(one),
    step: STEP_W,
    wattsPerLevel: 1,
    weight: urgency(what, { now, bestW: OUTLET_W }),
    rank: one.bus.departure,
    resting: false,
    tier: 1,
  }
}

/** The outlet's rating, or what the bus takes and some more once it has left room unused, as the loop has it. */
function askedW({ level, drawnW }: Parked): Level {
  if (level === null || drawnW >= level - STEP_W) return OUTLET_W
  return Math.max(FALLBACK_W, Math.min(OUTLET_W, Math.ceil(drawnW + Math.max(2000, drawnW * 0.05))))
}

export const hoursLeft = ({ step }: NightMoment, { bus }: Parked): number => (bus.departure - step) * STEP_H

export const caseOf = (moment: NightMoment, one: Parked): TriageCase => ({
  key: one.bus.evse.key,
  leavesInH: hoursLeft(moment, one),
  mustWh: one.leftWh,
  bestW: OUTLET_W,
})

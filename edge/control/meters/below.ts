import type { CircuitId } from '@busbar/model/ids.ts'
import { type PerPhase, PHASES, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { between } from '@busbar/units/time.ts'
import { freshReport, REPORT_FRESH, type Report } from '../../domain/load-balancing/observation.ts'
import type { Reach } from '../../domain/site/feeding.ts'
import { meterQuality } from '../../domain/site/meter-trust.ts'
import { activeWatts, lineToLine, lineToNeutral, times } from '../../domain/site/phasor.ts'
import type { Circuit, Evse, Transformer } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import { drawBounds } from '../draw.ts'
import { reserveOf } from '../sources.ts'
import type { EvseNow } from '../use.ts'
import type { MeterWatch } from './meter-watch.ts'

/** What the stations below a meter say they draw. */
export interface StationDraw {
  /** W per conductor. */
  readonly phaseW: PerPhase<number>
}

/** Two reports closer than this tell a steady draw: max(0.5 A or 500 W, 3 %). */
const steadyBand = (value: number): number => Math.max(500, value * 0.03)

/** The draw of all stations below the meter; null unless every one that may draw has reported twice that it is steady. */
export function steadyDraw(depot: Depot, watch: MeterWatch, evses: readonly EvseNow[]): StationDraw | null {
  const { place } = watch
  const volts = voltsOf(watch)
  const total = { l1: 0, l2: 0, l3: 0 }
  for (const now of evsesBelow(depot, watch, evses)) {
    const report = steadyReport(depot, now)
    if (report === 'idle') continue
    if (report === null) return null
    const reach = reachTo(depot, now, place.circuit)
    // A part of unknown size tells nothing of the meter.
    if (reach === undefined || reach.share !== reach.least) return null
    const drawn = phaseWatts(now.evse, report, { through: reach.through, volts })
    for (const phase of PHASES) total[phase] += drawn[phase]
  }
  return { phaseW: total }
}

export const evsesBelow = (
  depot: Depot,
  { place }: MeterWatch,
  evses: readonly EvseNow[],
): readonly EvseNow[] => evses.filter((now) => reachTo(depot, now, place.circuit) !== undefined)

const reachTo = ({ wiring }: Depot, { evse }: EvseNow, circuit: CircuitId): Reach | undefined =>
  wiring.reaches.get(evse.key)?.find((reach) => reach.circuit.id === circuit)

/** W per conductor that a station's report means where the meter is. */
function phaseWatts(
  evse: Evse,
  { currentMa, powerW }: Report,
  at: { through: readonly Transformer[]; volts: PerPhase<number> },
): PerPhase<number> {
  if (evse.current === 'dc') {
    const each = (powerW ?? 0) / evse.efficiency / evse.phases.length
    return perPhase((phase) => (evse.phases.includes(phase) ? each : 0))
  }
  const amperes = (phase: Phase) => (currentMa[phase] ?? 0) / 1000
  const [from, to] = evse.phases
  if (evse.connection === 'line-line' && from !== undefined && to !== undefined) {
    const one = lineToLine(from, to)
    const most = Math.max(amperes(from), amperes(to))
    return activeWatts(
      perPhase((phase) => times(one[phase], most)),
      at,
    )
  }
  const each = lineToNeutral(evse.phases)
  return activeWatts(
    perPhase((phase) => times(each[phase], amperes(phase))),
    at,
  )
}

function steadyReport(depot: Depot, { evse, use }: EvseNow): Report | 'idle' | null {
  const last = freshReport(use.observation, depot.monotonic)
  if (last === null) return use.inUse || !use.inContact ? null : 'idle'
  const before = use.observation.reports.at(-2)
  if (before === undefined || between(before.at, last.at) > REPORT_FRESH) return null
  if (evse.current === 'dc') {
    const [now, then] = [last.powerW, before.powerW]
    return now !== null && then !== null && Math.abs(now - then) <= steadyBand(now) ? last : null
  }
  const same = evse.phases.every((phase) => {
    const [now, then] = [last.currentMa[phase], before.currentMa[phase]]
    return now !== undefined && then !== undefined && Math.abs(now - then) <= steadyBand(now)
  })
  return same ? last : null
}

/** The voltages the meter last told, nominal where it tells none. */
function voltsOf({ recent, rating }: MeterWatch): PerPhase<number> {
  const voltage = recent.at(-1)?.voltageV
  return perPhase((phase) => voltage?.[phase] ?? rating.nominalV)
}

/** A per conductor that stations, or sub-meters where they tell more, draw at least below a meter; less what sources may give. */
export function drawnAtLeast(depot: Depot, watch: MeterWatch, evses: readonly EvseNow[]): PerPhase<number> {
  const { circuit } = watch.place
  const given = reserveOf(depot, { id: circuit }).total
  return perPhase((phase) => {
    const index = depot.rows.findIndex((row) => row.circuit === circuit && row.kind === phase)
    const stations = index < 0 ? 0 : drawBounds(depot, index, evses).low / 1000
    const fed = given.currentMa[phase] / 1000
    return Math.max(stations, submeters(depot, watch, phase)) - fed
  })
}

/** Whether a circuit's current is a part of its parent's: not where a source may turn it round, or it has other ways. */
const addsUp = (depot: Depot, { id, feeds, transformer }: Circuit): boolean =>
  !depot.wiring.sources.has(id) && feeds === undefined && transformer === undefined

/** The lowest that the meters right below read in the last seconds, added up. */
function submeters(depot: Depot, { place }: MeterWatch, phase: Phase): number {
  let sum = 0
  for (const circuit of depot.setup.site.circuits.values()) {
    if (circuit.parent !== place.circuit || circuit.meter === null || !addsUp(depot, circuit)) continue
    const watch = depot.watches.get(circuit.meter)
    const trust = depot.meters.get(circuit.meter)
    if (watch === undefined || trust === undefined) continue
    if (meterQuality(trust, depot.monotonic, watch.place.poll) !== 'live') continue
    const seen = watch.recent.slice(-5).map(({ currentA }) => currentA?.[phase] ?? 0)
    sum += seen.length === 0 ? 0 : Math.min(...seen)
  }
  return sum
}

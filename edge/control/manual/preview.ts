import type { EvseKey } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import type { ManualAct } from '../../domain/charging/manual/manual-act.ts'
import type { ManualPreview, PreviewedEvse } from '../../domain/live-site.ts'
import { type Allocation, allocate } from '../../domain/load-balancing/allocate.ts'
import { readiness } from '../../domain/load-balancing/demand.ts'
import { advisedIf } from '../advised.ts'
import { assemble } from '../assemble.ts'
import type { Depot } from '../depot.ts'
import { needAt, paceOf } from '../live/evse-view.ts'
import { acPowerW } from '../live/held.ts'
import type { EvseNow } from '../use.ts'
import { factOf } from './manual-act.ts'
import { type ManualState, manualState, stateAfter } from './state.ts'

/**
 * Who would get more and who less if the act were taken now: the balancer run twice on the same present, without and
 * with it, with the turns, the triage and the plan that stand. Nothing is changed by it.
 */
export function previewAct(depot: Depot, evses: readonly EvseNow[], act: ManualAct): ManualPreview | string {
  const fact = factOf(depot, act, 'preview')
  if (typeof fact === 'string') return fact
  const state = manualState(depot)
  const sharesUnder = (manual: ManualState): Allocation =>
    allocate(advisedIf(depot, assemble(depot, evses, manual), { evses, manual }))
  const [before, after] = [sharesUnder(state), sharesUnder(stateAfter(state, fact))]
  const lines = evses.flatMap((now) => lineOf(depot, now, { before, after }))
  const ofWatts = (line: PreviewedEvse) => line.after_w - line.before_w
  const sum = (pick: (line: PreviewedEvse) => number) => lines.reduce((total, line) => total + pick(line), 0)
  return {
    at: toIso(depot.now),
    total_before_w: sum(({ before_w }) => before_w),
    total_after_w: sum(({ after_w }) => after_w),
    changes: lines.filter((line) => ofWatts(line) !== 0).sort((a, b) => ofWatts(a) - ofWatts(b)),
  }
}

function lineOf(
  depot: Depot,
  now: EvseNow,
  { before, after }: { before: Allocation; after: Allocation },
): readonly PreviewedEvse[] {
  if (now.open === undefined) return []
  const { evse, open } = now
  const power = (of: Allocation) => Math.round(acPowerW(depot, now, levelIn(of, evse.key)))
  const what = needAt(depot, now)
  const departureAt = what?.departureAt ?? null
  const state = (of: Allocation) =>
    what === null || departureAt === null
      ? null
      : readiness(what, {
          ...paceOf(depot, now),
          powerW: acPowerW(depot, now, levelIn(of, evse.key)) * evse.efficiency,
        })
  return [
    {
      station: evse.station,
      evse: evse.evse,
      label: evse.label,
      vehicle: open.vehicle,
      before_w: power(before),
      after_w: power(after),
      departure_at: departureAt === null ? null : toIso(departureAt),
      readiness_before: state(before),
      readiness_after: state(after),
    },
  ]
}

const levelIn = (shares: Allocation, key: EvseKey): number => shares.get(key)?.level ?? 0

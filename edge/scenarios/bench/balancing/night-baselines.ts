import type { EvseKey } from '@busbar/model/ids.ts'
import { type Level, levelWithin, loadAt } from '../../../domain/load-balancing/rows.ts'
import { quantise } from '../../../domain/load-balancing/set-points.ts'
import type { Bus } from './night-depot.ts'
import type { NightMethod } from './night-simulate.ts'
import { nightSnapshot } from './night-snapshot.ts'

/** Each in turn gets the most that the rows leave: no plan, and no limit passed either. */
const greedyNight =
  (order: (bus: Bus) => number): NightMethod =>
  (moment) => {
    const { rows, evses } = nightSnapshot(moment)
    const left = Float64Array.from(rows, ({ capacity }) => capacity)
    const levels = new Map<EvseKey, Level>()
    const places = new Map(moment.parked.map((one) => [one.bus.evse.key, order(one.bus)]))
    const turn = [...evses].sort((a, b) => (places.get(a.key) ?? 0) - (places.get(b.key) ?? 0))
    for (const evse of turn) {
      const room = Math.min(...evse.loads.map((c) => levelWithin(c, left[c.row] ?? 0)))
      const level = evse.steerable ? quantise(evse, Math.max(0, Math.min(evse.max, room))) : evse.expected
      for (const c of evse.loads) left[c.row] = (left[c.row] ?? 0) - loadAt(c, level)
      levels.set(evse.key, level)
    }
    return { levels, faults: 0 }
  }

/** Who leaves first comes first. */
export const nightEdf = greedyNight(({ departure }) => departure)
/** Who came first takes all it can, as with nothing but the limits between the buses. */
export const nightUncontrolled = greedyNight(({ arrival }) => arrival)

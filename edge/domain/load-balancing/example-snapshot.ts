import type { Phase } from '@busbar/units/per-phase.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { Evse } from '../site/site.ts'
import { levelOf, loadAt } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'
import { coefficients, wiringOf } from './wiring.ts'

/** Deals whole numbers from a list, again from its start when it is used up. */
class Dealer {
  readonly #numbers: readonly number[]
  #at = 0

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }

  /** From 0 to `max`. */
  upTo(max: number): number {
    const number = this.#numbers[this.#at++ % this.#numbers.length] ?? 0
    return number % (max + 1)
  }

  chance(percent: number): boolean {
    return this.upTo(99) < percent
  }

  one<T>(of: readonly [T, ...T[]]): T {
    return of[this.upTo(of.length - 1)] ?? of[0]
  }
}

const ROTATIONS: readonly [readonly Phase[], ...(readonly Phase[])[]] = [
  ['l1', 'l2', 'l3'],
  ['l2', 'l3', 'l1'],
  ['l3', 'l1', 'l2'],
  ['l1'],
  ['l2'],
  ['l3'],
]

/**
 * A site and its present from a list of numbers: two levels of circuits, AC on one or three rotated phases and DC,
 * stations of all steps and states, and about as little room as there is demand.
 */
export function exampleSnapshot(numbers: readonly number[]): SiteSnapshot {
  const deal = new Dealer(numbers)
  const feeders = ['f1', 'f2', 'f3'].slice(0, 1 + deal.upTo(2))
  const circuits = [
    exampleCircuit('grid', deal.chance(70) ? { limitW: 1 } : {}),
    ...feeders.map((id) => exampleCircuit(id, { parent: 'grid' })),
    exampleCircuit('sub', { parent: 'f1' }),
  ]
  const evses = Array.from({ length: 1 + deal.upTo(11) }, (_, index) => {
    const circuit = deal.one(['sub', 'f1', ...feeders, 'grid'])
    const station = `S${String(index).padStart(2, '0')}`
    return deal.chance(25)
      ? exampleEvse(station, circuit, { dcW: 20_000 + 10_000 * deal.upTo(13) })
      : exampleEvse(station, circuit, {
          ratingA: 16 + deal.upTo(47),
          fallbackA: deal.upTo(13),
          phases: deal.one(ROTATIONS),
        })
  })
  const wiring = wiringOf(exampleSite(circuits, evses))
  const state = evses.map((evse) => snapshotEvse(deal, evse, coefficients(wiring, voltages(evse))))
  const roomy = deal.chance(50)
  const rows = wiring.rows.map((row, index) => {
    const demand = state.reduce((sum, evse) => {
      const c = evse.loads.find((load) => load.row === index)
      return sum + (c === undefined ? 0 : loadAt(c, evse.steerable ? evse.max : evse.hold))
    }, 0)
    const percent = roomy ? 80 + deal.upTo(200) : deal.upTo(130)
    const capacity = Math.floor((demand * percent) / 100) - (!roomy && deal.chance(4) ? 5000 : 0)
    return { ...row, base: 0, limit: capacity, capacity, mayRise: deal.chance(90), mayStart: true }
  })
  return { rows, evses: state, mayRise: deal.chance(95) }
}

const voltages = (evse: Evse) => ({
  evse,
  active: evse.phases,
  voltage: { highV: 242, lowV: 220 },
})

function snapshotEvse(deal: Dealer, evse: Evse, loads: SnapshotEvse['loads']): SnapshotEvse {
  const dc = evse.current === 'dc'
  const step = dc ? 100 : deal.one([100, 1000, 1000, 2000])
  const fallback = levelOf(evse.fallback)
  const max = deal.chance(70) ? levelOf(evse.rating) : deal.upTo(levelOf(evse.rating))
  const steerable = deal.chance(80)
  const current = deal.chance(25) ? null : Math.floor(deal.upTo(max) / step) * step
  const stuck = deal.chance(90) ? 0 : deal.upTo(levelOf(evse.rating))
  const hold = Math.max(fallback, current ?? 0, stuck, deal.chance(40) ? deal.upTo(levelOf(evse.rating)) : 0)
  return {
    key: evse.key,
    loads,
    steerable,
    hold,
    expected: hold,
    fallback,
    stuck,
    current,
    min: dc ? 5000 : deal.one([6000, 6000, 8000]),
    max: stuck > 0 ? Math.min(max, current ?? fallback) : Math.max(max, fallback),
    step,
    wattsPerLevel: dc ? 1 : (evse.phases.length * 230) / 1000,
    weight: deal.one([0.25, 1, 1, 1, 1.75, 2.5, 4]),
    rank: deal.upTo(5),
    resting: deal.chance(20),
  }
}

/** The same site with its EVSEs in another order. */
export const shuffled = (snapshot: SiteSnapshot, by: number): SiteSnapshot => {
  const { evses } = snapshot
  const at = evses.length === 0 ? 0 : by % evses.length
  return { ...snapshot, evses: [...evses.slice(at), ...evses.slice(0, at)].reverse() }
}

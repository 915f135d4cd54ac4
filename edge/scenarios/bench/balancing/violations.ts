import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import { type Allocation, allocate } from '../../../domain/load-balancing/allocate.ts'
import { check } from '../../../domain/load-balancing/checker.ts'
import type { Coefficient } from '../../../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from '../../../domain/load-balancing/snapshot.ts'
import { transition } from '../../../domain/load-balancing/transition.ts'
import { type Random, seededRandom, within } from '../../../simulators/random.ts'
import type { Outcome } from './outcome.ts'

/**
 * Random instances of every kind of row: what is allocated, and what stands after any part of the messages has arrived.
 * Counted with arithmetic of its own, in mA as fractions.
 */
export function violations({ instances }: { instances: number }, outcome: Outcome): void {
  const random = seededRandom(20261201)
  const tally = { scarce: 0, raises: 0, broken: 0, mutants: 0, caught: 0 }
  for (let n = 0; n < instances; n++) {
    const snapshot = randomInstance(random)
    const shares = allocate(snapshot)
    if ([...shares.values()].some(({ bound }) => bound.kind === 'row' || bound.kind === 'waits'))
      tally.scarce++
    if (overloaded(snapshot, shares)) tally.broken++
    tally.raises += raisesAt(random, snapshot, { shares, onBroken: () => tally.broken++ })
    const mutant = mutated(random, snapshot, shares)
    if (mutant === undefined || !overloaded(snapshot, mutant)) continue
    tally.mutants++
    if (check(snapshot, mutant).length > 0) tally.caught++
  }
  const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
  outcome.say(
    `\nviolations  ${instances} instances, ${share(tally.scarce, instances)} scarce, ${tally.raises} raises, ${tally.broken} violations, ${tally.caught} of ${tally.mutants} mutants caught`,
  )
  outcome.violated(tally.broken)
  outcome.figure('instances', instances, 0)
  outcome.figure('scarce_share', tally.scarce / instances)
  if (tally.caught < tally.mutants) outcome.fail(`${tally.mutants - tally.caught} mutants passed the checker`)
}

const upTo = (random: Random, most: number): number => Math.floor(random.next() * (most + 1))

/** Some circuits, some fed twice, polygons' sides with relief, power modules, one and three phases, lost stations. */
function randomInstance(random: Random): SiteSnapshot {
  const count = 2 + upTo(random, 6)
  const kinds = Array.from({ length: count }, () => (random.next() < 0.25 ? 'contract' : 'protect'))
  const evses = Array.from({ length: 1 + upTo(random, 7) }, (_, n) => randomEvse(random, n, kinds))
  const rows = kinds.map((duty, row): SnapshotRow => {
    const asked = evses.reduce((sum, { loads, max }) => sum + most(loads, row) * max, 0)
    const capacity = Math.floor(asked * within(random, 0.1, 1.2))
    return {
      ...{ id: `r${row}`, circuit: as<CircuitId>(`c${row}`), kind: 'l1', duty },
      ...{ limit: capacity, base: 0, capacity, mayRise: random.next() < 0.95, mayStart: true },
    }
  })
  return { rows, evses, mayRise: true }
}

const most = (loads: readonly Coefficient[], row: number): number =>
  Math.max(0, loads.find((c) => c.row === row)?.perLevel ?? 0)

function randomEvse(random: Random, n: number, kinds: readonly string[]): SnapshotEvse {
  const dc = random.next() < 0.3
  const loads = kinds.flatMap((duty, row): Coefficient[] => {
    if (random.next() < 0.4) return []
    const size = dc ? 1.57 : [0.5, 1, 1][upTo(random, 2)]
    const perLevel = (size ?? 1) * (duty === 'contract' && random.next() < 0.4 ? -1 : 1)
    const modules = dc && duty === 'protect' && random.next() < 0.2
    return [{ row, perLevel, ...(modules ? { grid: 10_000 } : {}) }]
  })
  const max = dc ? 5000 + 1000 * upTo(random, 100) : 6000 + 1000 * upTo(random, 26)
  const fallback = random.next() < 0.3 ? 6000 : 0
  const current = random.next() < 0.3 ? null : 1000 * upTo(random, max / 1000)
  const steerable = random.next() < 0.85
  const hold = Math.max(fallback, current ?? 0)
  return {
    ...{ key: as<EvseKey>(`e${n}`), loads, steerable, hold, expected: hold, fallback, stuck: 0, current },
    ...{ min: dc ? 5000 : 6000, max: Math.max(max, fallback), step: dc ? 500 : 1000 },
    ...{ wattsPerLevel: dc ? 1 : 0.69, weight: 1 + upTo(random, 3), rank: n, resting: false },
  }
}

/** What a level does to a row, mA, counted apart from the product. */
function load(evse: SnapshotEvse, row: number, of: { level: number; relief: boolean }): number {
  const entry = evse.loads.find((c) => c.row === row)
  if (entry === undefined || (entry.perLevel < 0 && !of.relief)) return 0
  const dealt = entry.grid === undefined ? of.level : Math.ceil(of.level / entry.grid) * entry.grid
  return entry.perLevel * dealt
}

/** Whether a row carries more than it may although somebody on it has been given something. */
function overloaded({ rows, evses }: SiteSnapshot, shares: Allocation): boolean {
  const at = (evse: SnapshotEvse) => (evse.steerable ? (shares.get(evse.key)?.level ?? 0) : evse.expected)
  return rows.some(({ duty, capacity }, row) => {
    const loads = evses.map((evse) =>
      load(evse, row, { level: at(evse), relief: duty === 'contract' && evse.steerable }),
    )
    const given = evses.some((evse, n) => evse.steerable && (loads[n] ?? 0) > 0)
    return given && loads.reduce((sum, each) => sum + each, 0) > capacity + 1e-6
  })
}

/** Lets any part of the raises arrive, each after the other, while nothing has been released: no protected row may pass. */
function raisesAt(
  random: Random,
  snapshot: SiteSnapshot,
  { shares, onBroken }: { shares: Allocation; onBroken: () => void },
): number {
  const { moves } = transition(snapshot, shares)
  const raises = moves.filter(({ kind }) => kind === 'raise')
  const held = new Map(snapshot.evses.map(({ key, hold }) => [key, hold]))
  for (const { key, level } of raises) {
    if (random.next() < 0.2) continue
    held.set(key, Math.max(held.get(key) ?? 0, level))
    const raised = snapshot.evses.find((evse) => evse.key === key)
    const broken = snapshot.rows.some(({ duty, capacity }, row) => {
      if (duty !== 'protect' || raised === undefined || load(raised, row, { level: 1, relief: false }) <= 0)
        return false
      const sum = snapshot.evses.reduce(
        (total, evse) => total + load(evse, row, { level: held.get(evse.key) ?? 0, relief: false }),
        0,
      )
      return sum > capacity + 1e-6
    })
    if (broken) onBroken()
  }
  return raises.length
}

/** The same allocation with half an ampere, or a step, more for one. */
function mutated(random: Random, { evses }: SiteSnapshot, shares: Allocation): Allocation | undefined {
  const steered = evses.filter(({ steerable }) => steerable)
  const evse = steered[upTo(random, steered.length - 1)]
  const share = evse === undefined ? undefined : shares.get(evse.key)
  if (evse === undefined || share === undefined) return undefined
  const more = random.next() < 0.5 ? 500 : evse.step
  return new Map(shares).set(evse.key, { ...share, level: share.level + more })
}

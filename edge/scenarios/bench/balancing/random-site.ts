import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import type { Coefficient } from '../../../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from '../../../domain/load-balancing/snapshot.ts'
import { type Random, within } from '../../../simulators/random.ts'

const PHASES = ['l1', 'l2', 'l3'] as const

export interface SiteShape {
  readonly evses: number
  /** With the root. */
  readonly circuits: number
  /** Room at the root, of what its EVSEs ask for on the fullest phase; elsewhere at least as much as the most. */
  readonly room: readonly [least: number, most: number]
}

/** A tree of circuits with random EVSEs on its leaves: AC on one or three rotated phases, and DC. */
export function randomSite(random: Random, shape: SiteShape): SiteSnapshot {
  const feeders = Math.max(1, Math.round(Math.sqrt(shape.circuits)))
  const leaves = Math.max(1, shape.circuits - 1 - feeders)
  const evses = Array.from({ length: shape.evses }, (_, n) => {
    const leaf = n % leaves
    const feeder = leaf % feeders
    return randomEvse(random, n, [0, 1 + feeder, 1 + feeders + leaf])
  })
  const asked = new Float64Array(3 * (1 + feeders + leaves))
  for (const { loads, max } of evses)
    for (const { row, perLevel } of loads) asked[row] = (asked[row] ?? 0) + perLevel * max
  // A breaker is rated alike on all phases, whatever hangs on them.
  const capacities = Array.from({ length: asked.length / 3 }, (_, circuit) => {
    const largest = Math.max(...asked.subarray(3 * circuit, 3 * circuit + 3))
    return Math.floor(
      largest * (circuit === 0 ? within(random, ...shape.room) : within(random, shape.room[1], 1.5)),
    )
  })
  const rows = Array.from(asked, (_, row): SnapshotRow => {
    const capacity = capacities[Math.floor(row / 3)] ?? 0
    return { ...rowOf(row), limit: capacity, capacity }
  })
  return { rows, evses, mayRise: true }
}

const rowOf = (row: number) => ({
  id: `${Math.floor(row / 3)}/${PHASES[row % 3]}`,
  circuit: as<CircuitId>(String(Math.floor(row / 3))),
  kind: PHASES[row % 3] ?? 'l1',
  duty: 'protect' as const,
  base: 0,
  mayRise: true,
  mayStart: true,
})

function randomEvse(random: Random, n: number, circuits: readonly number[]): SnapshotEvse {
  const lot = random.next()
  const dc = lot < 0.15
  const first = Math.floor(random.next() * 3)
  const phases = dc || lot < 0.7 ? [0, 1, 2] : [first]
  // 1 W of a DC output at 400 V, eta 0.94 and power factor 0.98 is 1.57 mA a phase.
  const perLevel = dc ? 1.57 : 1
  const loads = circuits.flatMap((circuit) =>
    phases.map((phase): Coefficient => ({ row: 3 * circuit + phase, perLevel })),
  )
  const most = dc ? 1000 * Math.round(within(random, 30, 150)) : 1000 * Math.round(within(random, 10, 32))
  return {
    key: as<EvseKey>(`E${String(n).padStart(4, '0')}`),
    loads,
    steerable: true,
    hold: 0,
    expected: 0,
    fallback: 0,
    stuck: 0,
    current: null,
    min: dc ? 5000 : 6000,
    max: most,
    step: dc ? 100 : 1000,
    wattsPerLevel: dc ? 1 : 0.23 * phases.length,
    weight: 1 + Math.round(random.next() * 12) / 4,
    rank: n,
    resting: false,
  }
}

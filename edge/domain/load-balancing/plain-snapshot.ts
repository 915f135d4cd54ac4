import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import type { Level } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from './snapshot.ts'

/** A row with this much room, for tests that need no site around it. */
export const plainRow = (id: string, capacity: number, of: Partial<SnapshotRow> = {}): SnapshotRow => ({
  id,
  circuit: as<CircuitId>('c'),
  kind: 'l1',
  duty: 'protect',
  limit: capacity,
  base: 0,
  capacity,
  mayRise: true,
  mayStart: true,
  ...of,
})

/** An EVSE that can be steered, takes 6 to 32 A by steps of 1 A, and draws nothing by itself. */
export const plainEvse = (
  key: string,
  rows: readonly number[],
  of: Partial<SnapshotEvse> = {},
): SnapshotEvse => ({
  key: as<EvseKey>(key),
  loads: rows.map((row) => ({ row, perLevel: 1 })),
  steerable: true,
  hold: 0,
  expected: 0,
  fallback: 0,
  stuck: 0,
  current: null,
  min: 6000,
  max: 32_000,
  step: 1000,
  wattsPerLevel: 0.23,
  weight: 1,
  rank: 0,
  resting: false,
  ...of,
})

export const plainSnapshot = (
  rows: readonly SnapshotRow[],
  evses: readonly SnapshotEvse[],
): SiteSnapshot => ({ rows, evses, mayRise: true })

/** Levels by key, in A or kW. */
export const levelsOf = (shares: ReadonlyMap<EvseKey, { level: Level }>): Record<string, number> =>
  Object.fromEntries([...shares].map(([key, { level }]) => [key, level / 1000]))

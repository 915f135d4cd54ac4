import type { CircuitId } from '@busbar/model/ids.ts'
import type { SiteSnapshot, SnapshotRow } from './snapshot.ts'

/** What may be taken on a circuit for now: mA on each conductor, W; null where nothing was said. */
export interface OperatingRow {
  readonly limitMa: number | null
  readonly limitW: number | null
}

/**
 * The snapshot with a contract row beside each protect row that a person limits further. Protect rows stay as they are,
 * in their places; a limit at or above one of them adds nothing.
 */
export function withOperatingLimits(
  snapshot: SiteSnapshot,
  limits: ReadonlyMap<CircuitId, OperatingRow>,
): SiteSnapshot {
  if (limits.size === 0) return snapshot
  const added = snapshot.rows.flatMap((row, beside) => {
    const limit = limitOn(row, limits.get(row.circuit))
    return limit === null ? [] : [{ beside, row: contractRow(row, limit) }]
  })
  const placeOf = new Map(added.map(({ beside }, n) => [beside, snapshot.rows.length + n]))
  return {
    ...snapshot,
    rows: [...snapshot.rows, ...added.map(({ row }) => row)],
    evses: snapshot.evses.map((evse) => ({
      ...evse,
      loads: [
        ...evse.loads,
        ...evse.loads.flatMap((c) => {
          const row = placeOf.get(c.row)
          return row === undefined ? [] : [{ ...c, row }]
        }),
      ],
    })),
  }
}

/** Of an own conductor or the whole power of the circuit alone; a phasor has several rows, told apart after `~`. */
function limitOn(row: SnapshotRow, limit: OperatingRow | undefined): number | null {
  if (limit === undefined || row.duty !== 'protect') return null
  if (row.id.split('~')[0] !== `${row.circuit}/${row.kind}`) return null
  const asked =
    row.kind === 'power'
      ? limit.limitW
      : row.kind === 'l1' || row.kind === 'l2' || row.kind === 'l3'
        ? limit.limitMa
        : null
  return asked !== null && asked < row.limit ? asked : null
}

/** Whether the row stands for a limit that a person set. */
export const isOperatingRow = ({ id, circuit }: Pick<SnapshotRow, 'id' | 'circuit'>): boolean =>
  id.startsWith(`${circuit}/operating-`)

const contractRow = (row: SnapshotRow, limit: number): SnapshotRow => ({
  ...row,
  id: `${row.circuit}/operating-${row.id.slice(row.circuit.length + 1)}`,
  duty: 'contract',
  limit,
  capacity: limit - row.base,
})

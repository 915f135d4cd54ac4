import type { EvseKey } from '@busbar/model/ids.ts'
import type { LinearProgram } from '../ports/planner.ts'
import { type Proposal, promised } from './allocate.ts'
import type { LoadTable } from './load-table.ts'
import type { Level } from './rows.ts'
import type { SiteSnapshot } from './snapshot.ts'

/** The program for the surplus of one moment, and whose level each column is. */
export interface OneStep {
  readonly program: LinearProgram
  readonly keys: readonly EvseKey[]
}

/** Columns are in A or kW, levels in mA or W. */
const SCALE = 1000

/**
 * The most weighted power above what is promised: maximise Σ weight·power over the rows. Where vehicles use unlike
 * phases or relieve rows, this uses room that filling leaves. Undefined when nobody can be given more.
 *
 * A row counts relief as an allocation does: on agreed limits only. Lumps are taken as if they could be split. Whoever
 * waits for a turn is left out; one deferred begins at what is given it anyway, not at its minimum.
 */
export function oneStepProgram(snapshot: SiteSnapshot): OneStep | undefined {
  const { table, groups, refused } = promised(snapshot)
  const who = [...groups.kept.filter((i) => !refused.has(i)), ...groups.deferred].filter(
    (i) => (table.evses[i]?.max ?? 0) > table.counted(i, table.level(i)),
  )
  if (who.length === 0) return undefined
  const lower = Float64Array.from(who, (i) => table.counted(i, table.level(i)) / SCALE)
  const program: LinearProgram = {
    cost: Float64Array.from(who, (i) => -worth(table, i)),
    lower,
    upper: Float64Array.from(who, (i) => (table.evses[i]?.max ?? 0) / SCALE),
    ...rowsOf(table, who, lower),
  }
  return { program, keys: who.flatMap((i) => table.evses[i]?.key ?? []) }
}

/** A solver's numbers as levels; numbers that are none are left out. */
export const proposalOf = ({ keys }: OneStep, values: ArrayLike<number>): Proposal =>
  new Map(
    keys.flatMap((key, column): [EvseKey, Level][] => {
      const value = values[column] ?? Number.NaN
      // Half a level up: a solver's 15.9999999 is 16.
      return Number.isFinite(value) ? [[key, value * SCALE + 0.5]] : []
    }),
  )

const worth = ({ evses }: LoadTable, i: number): number =>
  (evses[i]?.weight ?? 0) * (evses[i]?.wattsPerLevel ?? 0)

/** The rows that some column loads, with what all else leaves of them. */
function rowsOf(
  table: LoadTable,
  who: readonly number[],
  lower: Float64Array,
): Pick<LinearProgram, 'rowLower' | 'rowUpper' | 'starts' | 'indices' | 'values'> {
  const { starts, indices } = table.rowsOf
  const entries = Array.from(table.left, (): [column: number, factor: number][] => [])
  who.forEach((i, column) => {
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++)
      if (table.factors[k] !== 0) entries[indices[k] ?? 0]?.push([column, table.factors[k] ?? 0])
  })
  const used = entries.flatMap((list, row) => (list.some(([, factor]) => factor > 0) ? [{ list, row }] : []))
  const begins = new Int32Array(used.length + 1)
  used.forEach(({ list }, at) => {
    begins[at + 1] = (begins[at] ?? 0) + list.length
  })
  const upper = used.map(({ list, row }) => {
    const taken = list.reduce((sum, [column, factor]) => sum + factor * (lower[column] ?? 0), 0)
    // A row that is full already, by what cannot be steered, must not make the program unsolvable.
    return Math.max(0, table.left[row] ?? 0) / SCALE + taken
  })
  return {
    rowLower: new Float64Array(used.length).fill(Number.NEGATIVE_INFINITY),
    rowUpper: Float64Array.from(upper),
    starts: begins,
    indices: Int32Array.from(used.flatMap(({ list }) => list.map(([column]) => column))),
    values: Float64Array.from(used.flatMap(({ list }) => list.map(([, factor]) => factor))),
  }
}

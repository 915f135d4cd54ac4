import type { LoadTable } from './load-table.ts'
import type { Level } from './rows.ts'
import { lowest, quantise } from './set-points.ts'
import type { SnapshotEvse } from './snapshot.ts'

/** How long a turn lasts where not all can be served at once, s. */
export const TURN_S = 900
/** What is served stays so for this long, and what was stopped starts no sooner, unless a row needs it, s. */
export const LEAST_TURN_S = 600
/** Who has waited for this many turns goes before all whose least turn is over. */
export const MOST_TURNS = 4

/** Gives everyone the fallback, which counts anyway; where that does not fit, takes it back from the last in order. */
export function giveFallbacks(table: LoadTable, steered: readonly number[]): void {
  each(table, steered, (evse, i) => {
    table.move(i, quantise(evse, Math.min(evse.max, evse.fallback)))
  })
  const reversed = [...steered].reverse()
  for (const floor of [lowest, () => 0]) {
    let lowered = true
    // Taking back from one that relieves a row may overload that row.
    while (lowered) {
      lowered = false
      each(table, reversed, (evse, i) => {
        if (table.level(i) <= floor(evse) || !table.overloaded(i)) return
        table.move(i, floor(evse))
        lowered = true
      })
    }
  }
}

/** Why an EVSE is not served: a row that others' minimums fill, or its least time of rest. */
export type Refusal = { readonly kind: 'waits'; readonly row: number } | { readonly kind: 'stopped' }

/**
 * Gives those who have nothing their minimum, as far as the rows allow: who is in its least turn stays, then who has
 * waited too long, then by tier and rank; of equals whose turn it is, then who has waited longest. Whoever has waited too
 * long keeps others off the rows it needs.
 * @returns those who get nothing, by place in the table
 */
export function admit(table: LoadTable, group: readonly number[]): ReadonlyMap<number, Refusal> {
  const refused = new Map<number, Refusal>()
  const asking = group.filter((i) => table.level(i) === 0 && lowestOf(table, i) <= (table.evses[i]?.max ?? 0))
  if (asking.length === 0) return refused
  const fitted = new Set(asking.filter((i) => fits(table, i)))
  const kept = new Set<number>()
  each(table, inTurn(table, asking), (evse, i) => {
    const row = isKept(table, i, kept) ?? table.blocking(i, lowest(evse))
    if (rests(evse)) refused.set(i, { kind: 'stopped' })
    else if (row < 0) table.move(i, lowest(evse))
    else {
      refused.set(i, { kind: 'waits', row })
      if (overdue(evse) && fitted.has(i)) kept.add(row)
    }
  })
  return refused
}

const rests = ({ turn }: SnapshotEvse): boolean =>
  turn?.kind === 'waits' && turn.stopped && turn.forS < LEAST_TURN_S
const overdue = ({ turn }: SnapshotEvse): boolean =>
  turn?.kind === 'waits' && turn.forS >= MOST_TURNS * TURN_S

const lowestOf = (table: LoadTable, i: number): Level => {
  const evse = table.evses[i]
  return evse === undefined ? Number.POSITIVE_INFINITY : lowest(evse)
}
const fits = (table: LoadTable, i: number): boolean => table.blocking(i, lowestOf(table, i)) < 0

/** The row of the EVSE that is kept for someone else. */
function isKept(
  { rowsOf: { starts, indices } }: LoadTable,
  i: number,
  kept: Set<number>,
): number | undefined {
  if (kept.size === 0) return undefined
  return indices.subarray(starts[i], starts[i + 1]).find((row) => kept.has(row))
}

/** 0 in its least turn, 1 has waited too long, 2 the others. */
function urgencyOf(evse: SnapshotEvse): 0 | 1 | 2 {
  if (evse.turn?.kind === 'served' && evse.turn.forS < LEAST_TURN_S) return 0
  return overdue(evse) ? 1 : 2
}

/** Less is sooner: in its turn, then the longest wait, then whose turn is over. */
function turnOrder({ turn }: SnapshotEvse): number {
  if (turn === undefined) return 0
  if (turn.kind === 'waits') return -turn.forS
  return turn.forS < TURN_S ? Number.NEGATIVE_INFINITY : turn.forS
}

function inTurn({ evses }: LoadTable, asking: readonly number[]): readonly number[] {
  const before = (a: SnapshotEvse, b: SnapshotEvse): number => {
    const urgency = urgencyOf(a) - urgencyOf(b)
    if (urgency !== 0) return urgency
    const [one, other] = [turnOrder(a), turnOrder(b)]
    const turn = one === other ? 0 : one < other ? -1 : 1
    if (urgencyOf(a) === 1) return turn
    return (a.tier ?? 1) - (b.tier ?? 1) || a.rank - b.rank || turn
  }
  return [...asking].sort((i, j) => {
    const [a, b] = [evses[i], evses[j]]
    return (a === undefined || b === undefined ? 0 : before(a, b)) || i - j
  })
}

function each(
  { evses }: LoadTable,
  who: readonly number[],
  visit: (evse: SnapshotEvse, i: number) => void,
): void {
  for (const i of who) {
    const evse = evses[i]
    if (evse !== undefined) visit(evse, i)
  }
}

import type { Duration } from '@busbar/units/time.ts'

/**
 * A linear program as plain sparse numbers: minimise cost·x over lower ≤ x ≤ upper and rowLower ≤ Ax ≤ rowUpper.
 * Infinite bounds are ±Infinity; every other number is finite. Scale to kW, kWh or A: coefficients of one size solve best.
 */
export interface LinearProgram {
  /** Per column. */
  readonly cost: Float64Array
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Per column 1 where only whole numbers count; absent when none do. */
  readonly integer?: Int32Array
  /** Per row. */
  readonly rowLower: Float64Array
  readonly rowUpper: Float64Array
  /** Where each row's entries begin; one more than there are rows. */
  readonly starts: Int32Array
  /** Column of each entry, and its coefficient. */
  readonly indices: Int32Array
  readonly values: Float64Array
}

/**
 * What came of a program. `solved` holds one number per column; `optimal` is false where the time ran out on the best
 * found so far. The numbers are the solver's word: whoever uses them checks them first.
 */
export type PlannerAnswer =
  | { readonly kind: 'solved'; readonly values: Float64Array; readonly optimal: boolean }
  | { readonly kind: 'none'; readonly reason: 'infeasible' | 'unbounded' | 'late' | 'failed' | 'stopped' }

/**
 * Solves programs beside the control loop, one after the other.
 *
 * No answer within twice `limit` (real time, counted from when the program's turn comes) is `none`, for whatever reason:
 * hung, crashed, infeasible, stopped. None means that there is no new plan; it says nothing of the old one and is never
 * a limit of 0. A promise from here never rejects and always settles.
 */
export interface Planner {
  solve(program: LinearProgram, limit: Duration): Promise<PlannerAnswer>
  /** Ends what is under way with `stopped`; later programs get the same. Twice does nothing. */
  stop(): Promise<void>
}

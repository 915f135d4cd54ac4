import type { LinearProgram } from '../ports/planner.ts'

/** One column's factor in a row. */
export interface Term {
  readonly column: number
  readonly value: number
}

/** Builds a program column by column and row by row; its numbers are taken as they are. */
export class ProgramBuilder {
  readonly #cost: number[] = []
  readonly #lower: number[] = []
  readonly #upper: number[] = []
  readonly #integer: number[] = []
  readonly #rowLower: number[] = []
  readonly #rowUpper: number[] = []
  readonly #starts: number[] = [0]
  readonly #indices: number[] = []
  readonly #values: number[] = []

  /** @returns the column's index */
  column(of: { cost?: number; lower?: number; upper?: number; integer?: boolean }): number {
    this.#cost.push(of.cost ?? 0)
    this.#lower.push(of.lower ?? 0)
    this.#upper.push(of.upper ?? Number.POSITIVE_INFINITY)
    this.#integer.push(of.integer === true ? 1 : 0)
    return this.#cost.length - 1
  }

  /** lower ≤ sum of terms ≤ upper; no column twice. @returns the row's index */
  row(terms: readonly Term[], bounds: { lower?: number; upper?: number }): number {
    for (const { column, value } of terms) {
      if (value === 0) continue
      this.#indices.push(column)
      this.#values.push(value)
    }
    this.#starts.push(this.#indices.length)
    this.#rowLower.push(bounds.lower ?? Number.NEGATIVE_INFINITY)
    this.#rowUpper.push(bounds.upper ?? Number.POSITIVE_INFINITY)
    return this.#rowLower.length - 1
  }

  /** Replaces a column's cost, for a second objective over the same rows. */
  price(column: number, cost: number): void {
    this.#cost[column] = cost
  }

  build(): LinearProgram {
    return {
      cost: Float64Array.from(this.#cost),
      lower: Float64Array.from(this.#lower),
      upper: Float64Array.from(this.#upper),
      ...(this.#integer.includes(1) ? { integer: Int32Array.from(this.#integer) } : {}),
      rowLower: Float64Array.from(this.#rowLower),
      rowUpper: Float64Array.from(this.#rowUpper),
      starts: Int32Array.from(this.#starts),
      indices: Int32Array.from(this.#indices),
      values: Float64Array.from(this.#values),
    }
  }
}

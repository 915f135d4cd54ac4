import loadHighs, { type Highs, type ModelData, type ModelStatusCode } from 'highs'
import type { LinearProgram, PlannerAnswer } from '../../../domain/ports/planner.ts'

// The package declares its types as CommonJS and ships an ES module: its default is the loader itself.
const load = loadHighs as unknown as typeof loadHighs.default

/** Solves one program in this thread, and holds it up meanwhile. */
export type Solver = (program: LinearProgram, limitS: number) => PlannerAnswer

/** Loads HiGHS. What it throws on one program is that program's `failed`. */
export async function loadSolver(): Promise<Solver> {
  const highs = await load()
  return (program, limitS) => {
    try {
      return highs.withModel((model): PlannerAnswer => {
        model.options.set({ output_flag: false, time_limit: limitS, random_seed: 1 })
        model.passModel(toModel(highs, program))
        model.run()
        const feasible = model.info.get('primal_solution_status') === FEASIBLE
        return toAnswer(
          highs,
          { status: model.getModelStatus(), feasible },
          () => model.getSolution().colValue,
        )
      })
    } catch {
      // the caller warns: a program that no solver takes is no plan, like any other reason
      return { kind: 'none', reason: 'failed' }
    }
  }
}

function toModel(highs: Highs, program: LinearProgram): ModelData {
  const { cost, lower, upper, rowLower, rowUpper, starts, indices, values, integer } = program
  return {
    numCols: cost.length,
    numRows: rowLower.length,
    sense: highs.constants.objectiveSense.minimize,
    colCost: cost,
    colLower: wholeWhere(integer, lower, Math.ceil),
    colUpper: wholeWhere(integer, upper, Math.floor),
    rowLower,
    rowUpper,
    matrix: {
      format: 'csr',
      numRows: rowLower.length,
      numCols: cost.length,
      starts,
      indices,
      values,
    },
    ...(integer === undefined ? {} : { integrality: integer }),
  }
}

/** HiGHS 1.15 takes a broken bound of a whole number for a value of it. */
const wholeWhere = (
  integer: Int32Array | undefined,
  bounds: Float64Array,
  round: (bound: number) => number,
): Float64Array =>
  integer === undefined ? bounds : bounds.map((bound, column) => (integer[column] ? round(bound) : bound))

/** @see HiGHS, `kSolutionStatusFeasible` */
const FEASIBLE = 2

function toAnswer(
  highs: Highs,
  { status, feasible }: { status: ModelStatusCode; feasible: boolean },
  values: () => Float64Array,
): PlannerAnswer {
  const { modelStatus } = highs.constants
  if (status === modelStatus.optimal) return { kind: 'solved', values: values(), optimal: true }
  if (status === modelStatus.infeasible) return { kind: 'none', reason: 'infeasible' }
  if (status === modelStatus.unbounded || status === modelStatus.unboundedOrInfeasible)
    return { kind: 'none', reason: 'unbounded' }
  if (status === modelStatus.timeLimit)
    return feasible ? { kind: 'solved', values: values(), optimal: false } : { kind: 'none', reason: 'late' }
  return { kind: 'none', reason: 'failed' }
}

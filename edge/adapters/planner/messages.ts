import type { LinearProgram, PlannerAnswer } from '../../domain/ports/planner.ts'

/** To the worker: one program at a time. */
export interface SolveRequest {
  readonly id: number
  readonly program: LinearProgram
  readonly limitS: number
}

/** From the worker: what came of it. */
export interface SolveResult {
  readonly id: number
  readonly answer: PlannerAnswer
}

import type { LinearProgram, Planner, PlannerAnswer } from './planner.ts'

/** A planner that answers what a test says, or not at all while it says null. */
export class MemoryPlanner implements Planner {
  /** The programs it was given. */
  readonly asked: LinearProgram[] = []
  readonly #answer: (program: LinearProgram) => PlannerAnswer | null
  readonly #waiting = new Set<(answer: PlannerAnswer) => void>()
  #stopped = false

  constructor(answer: (program: LinearProgram) => PlannerAnswer | null) {
    this.#answer = answer
  }

  solve(program: LinearProgram): Promise<PlannerAnswer> {
    if (this.#stopped) return Promise.resolve({ kind: 'none', reason: 'stopped' })
    this.asked.push(program)
    const answer = this.#answer(program)
    if (answer !== null) return Promise.resolve(answer)
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** Gives up what hangs, as a planner does at twice its limit. */
  giveUp(): void {
    this.#settle({ kind: 'none', reason: 'late' })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#settle({ kind: 'none', reason: 'stopped' })
  }

  #settle(answer: PlannerAnswer): void {
    for (const resolve of this.#waiting) resolve(answer)
    this.#waiting.clear()
  }
}

import { type Monotonic, monotonic } from '@busbar/units/time.ts'
import type { Block } from './plan-reads.ts'

/** Later than this no unit and no converter still answers. */
const FORGOTTEN_AFTER_MS = 10_000

/**
 * Answers of one unit that may still come. On a line whose answers carry no number, a late one fits any later request of
 * the same length. Units answer in the order they were asked; so after a miss one request of a length that no late
 * answer can have is put first, and its answer proves that none is on its way any more.
 */
export class LateAnswers {
  readonly #awaited: { readonly block: Block; readonly since: Monotonic }[] = []

  /** A request that was not answered as it should. */
  missed(block: Block, now: Monotonic): void {
    this.#awaited.push({ block, since: now })
  }

  /** Nothing is awaited: the proof was answered. */
  settled(): void {
    this.#awaited.length = 0
  }

  /** Whether an answer to a request may be another's. */
  expected(now: Monotonic): boolean {
    this.#forget(now)
    return this.#awaited.length > 0
  }

  /** Which of some requests no late answer fits, if any. */
  proof(candidates: readonly Block[], now: Monotonic): Block | undefined {
    this.#forget(now)
    const fits = (candidate: Block) =>
      this.#awaited.some(
        ({ block }) => block.functionCode === candidate.functionCode && block.count === candidate.count,
      )
    return candidates.find((candidate) => !fits(candidate))
  }

  #forget(now: Monotonic): void {
    while (this.#awaited[0] && this.#awaited[0].since < monotonic(now - FORGOTTEN_AFTER_MS))
      this.#awaited.shift()
  }
}

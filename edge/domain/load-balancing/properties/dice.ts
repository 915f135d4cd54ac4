/** Whole numbers from a seed, the same each time. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From `low` to `high`, both included. */
  from(low: number, high: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    // The low bits of such a sequence repeat soon.
    return low + Math.floor(((this.#state >>> 8) / 2 ** 24) * (high - low + 1))
  }

  chance(percent: number): boolean {
    return this.from(1, 100) <= percent
  }

  one<T>(of: readonly T[]): T {
    const found = of[this.from(0, of.length - 1)]
    if (found === undefined) throw new RangeError('nothing to choose from')
    return found
  }
}

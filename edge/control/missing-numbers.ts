interface Range {
  readonly from: number
  /** The first number after it. */
  readonly to: number
}

/** Ranges that are remembered; a long gap is one, and a number that comes late after all may split one in two. */
const REMEMBERED = 100

/** Numbers that were waited for in vain; of the oldest, once they are too many, only how many they are. */
export class MissingNumbers {
  #ranges: Range[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** How many ranges are remembered. */
  get ranges(): number {
    return this.#ranges.length
  }

  /** Gives up the numbers from `from` to before `to`; they are above all that were given up before. */
  add(from: number, to: number): void {
    if (to <= from) return
    this.#count += to - from
    this.#keep([...this.#ranges, { from, to }])
  }

  /** One came after all. @returns false when it was not missing, or is remembered no more */
  take(number: number): boolean {
    const found = this.#ranges.find(({ from, to }) => from <= number && number < to)
    if (found === undefined) return false
    this.#count--
    const parts = [
      { from: found.from, to: number },
      { from: number + 1, to: found.to },
    ].filter(({ from, to }) => from < to)
    this.#keep(this.#ranges.flatMap((range) => (range === found ? parts : [range])))
    return true
  }

  #keep(ranges: Range[]): void {
    this.#ranges = ranges.slice(-REMEMBERED)
  }
}

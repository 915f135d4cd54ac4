/** Who asks for the next step, the lowest water first and of equals the one with the lower place: a binary heap. */
export class StepQueue {
  readonly #water: Float64Array
  readonly #place: Int32Array
  #size = 0

  constructor(most: number) {
    this.#water = new Float64Array(most + 1)
    this.#place = new Int32Array(most + 1)
  }

  /** The water of the first; endless when nobody asks. */
  get water(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#water[0] ?? 0)
  }

  push(place: number, water: number): void {
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#after(parent, water, place)) break
      this.#set(at, this.#water[parent] ?? 0, this.#place[parent] ?? 0)
      at = parent
    }
    this.#set(at, water, place)
  }

  pop(): number | undefined {
    if (this.#size === 0) return undefined
    const first = this.#place[0]
    this.#size--
    this.#sink(this.#water[this.#size] ?? 0, this.#place[this.#size] ?? 0)
    return first
  }

  #sink(water: number, place: number): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      const right = child + 1
      if (right < this.#size && this.#after(child, this.#water[right] ?? 0, this.#place[right] ?? 0))
        child = right
      if (this.#after(child, water, place)) break
      this.#set(at, this.#water[child] ?? 0, this.#place[child] ?? 0)
      at = child
    }
    this.#set(at, water, place)
  }

  /** Whether what is at `at` comes after this. */
  #after(at: number, water: number, place: number): boolean {
    const there = this.#water[at] ?? 0
    return there > water || (there === water && (this.#place[at] ?? 0) > place)
  }

  #set(at: number, water: number, place: number): void {
    this.#water[at] = water
    this.#place[at] = place
  }
}

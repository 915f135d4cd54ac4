/** Saves the newest of many values one after the other; values that came in between are never written. */
export class LatestSaver<T> {
  readonly #save: (value: T) => Promise<void>
  #next: { readonly value: T } | undefined
  #running: Promise<void> | undefined

  constructor(save: (value: T) => Promise<void>) {
    this.#save = save
  }

  put(value: T): void {
    this.#next = { value }
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to save. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    for (let next = this.#next; next; next = this.#next) {
      this.#next = undefined
      await this.#save(next.value)
    }
    this.#running = undefined
  }
}

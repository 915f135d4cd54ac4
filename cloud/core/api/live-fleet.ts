import type { FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { seconds } from '@busbar/units/time.ts'

/** What the API reads of the fleet. */
export interface FleetSource {
  readonly version: number
  linkStates(): string
  view(): FleetView
  /** Brings sums up to date; resolves also when they cannot be had just now. */
  refresh(): Promise<void>
}

type Listener = (text: string | null) => void

/** Beats between two signs of life on a quiet stream. */
const QUIET_BEATS = 15

/** Tells every open page the whole fleet once a real second, if anything changed. */
export class LiveFleet {
  readonly #source: FleetSource
  readonly #listeners = new Set<Listener>()
  #timer: Timer | undefined
  #shown = ''
  #quiet = 0
  #busy = false

  constructor(source: FleetSource) {
    this.#source = source
  }

  /** `scale`: how many of the clock's seconds a real one has. */
  start(clock: Clock, scale: number): void {
    this.#timer = every(clock, seconds(scale), () => void this.#beat())
  }

  stop(): void {
    this.#timer?.cancel()
    for (const listener of this.#listeners) listener('')
    this.#listeners.clear()
  }

  /** `listener` gets the view as JSON, null for a sign of life and an empty text at the end. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async now(): Promise<string> {
    await this.#source.refresh()
    return JSON.stringify(this.#source.view())
  }

  async #beat(): Promise<void> {
    if (this.#busy || this.#listeners.size === 0) return
    this.#busy = true
    await this.#source.refresh()
    const state = `${this.#source.version} ${this.#source.linkStates()}`
    if (state !== this.#shown) this.#tell(JSON.stringify(this.#source.view()))
    else if (++this.#quiet >= QUIET_BEATS) this.#tell(null)
    this.#shown = state
    this.#busy = false
  }

  #tell(text: string | null): void {
    this.#quiet = 0
    for (const listener of this.#listeners) listener(text)
  }
}

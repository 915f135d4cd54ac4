import type { EvseKey, StationId } from '@busbar/model/ids.ts'
import type { Run } from './run.ts'

/** The conformance run under way. One at a time: the meter is to see one EVSE step. */
export class Runs {
  #run: Run | null = null

  get now(): Run | null {
    return this.#run
  }

  begin(run: Run): void {
    this.#run = run
  }

  end(run: Run): void {
    if (this.#run === run) this.#run = null
  }

  /** Whether the run alone sets this EVSE's limits. */
  tests(key: EvseKey): boolean {
    return this.#run?.evse.key === key
  }

  of(station: StationId): Run | null {
    return this.#run?.evse.station === station ? this.#run : null
  }

  /** A station that the run looks at is not set anew, but where the run asks for that. */
  holdsBack(station: StationId): boolean {
    return this.of(station)?.lets === false
  }

  /** Doubts of the run stand as long as it goes on. */
  owns(command: string): boolean {
    return this.#run !== null && command.startsWith(this.#run.of.id)
  }

  stop(): void {
    this.#run?.drop()
    this.#run = null
  }
}

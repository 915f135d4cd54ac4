import type { StationId } from '@busbar/model/ids.ts'

/** Requests remembered; one that led to nothing by then leads to nothing. */
const REMEMBERED = 200

/** Which command asked a station to start, by the number that it tells with the transaction. @see OCPP 2.0.1 F02 */
export class RemoteStarts {
  readonly #commands = new Map<string, string>()

  asked(station: StationId, remoteStart: number, command: string): void {
    this.#commands.set(keyOf(station, remoteStart), command)
    const oldest = this.#commands.keys().next()
    if (this.#commands.size > REMEMBERED && !oldest.done) this.#commands.delete(oldest.value)
  }

  /** The command, once; null for a number that nobody remembers. */
  take(station: StationId, remoteStart: number): string | null {
    const key = keyOf(station, remoteStart)
    const command = this.#commands.get(key) ?? null
    this.#commands.delete(key)
    return command
  }
}

const keyOf = (station: StationId, remoteStart: number): string => `${station} ${remoteStart}`

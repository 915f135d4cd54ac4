import type { StationId } from '@busbar/model/ids.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { Connection } from './connection.ts'

/** The one live connection of each station. */
export class ConnectionTable {
  readonly #live = new Map<StationId, Connection>()
  readonly #generations = new Map<StationId, number>()
  readonly #probed = new Set<StationId>()

  get(station: StationId): Connection | undefined {
    return this.#live.get(station)
  }

  all(): readonly Connection[] {
    return [...this.#live.values()]
  }

  /** The number of the station's next connection. */
  nextGeneration(station: StationId): number {
    const generation = (this.#generations.get(station) ?? 0) + 1
    this.#generations.set(station, generation)
    return generation
  }

  add(connection: Connection): void {
    this.#live.set(connection.origin.station, connection)
  }

  /** Forgets the connection; one of an older generation changes nothing. */
  remove(connection: Connection): void {
    const { station } = connection.origin
    if (this.#live.get(station) === connection) this.#live.delete(station)
  }

  /**
   * Settles who owns an identity that is claimed again: the holder when it shows life, or spoke so lately that it is
   * `trusted`; else it is cut.
   * @returns the connection that keeps the identity, `undecided` while another claim is being settled, null when free
   */
  async settle(
    holder: Connection,
    { probe, trusted }: { readonly probe: Duration; readonly trusted: Duration | null },
  ): Promise<Connection | 'undecided' | null> {
    const { station } = holder.origin
    if (this.#probed.has(station)) return 'undecided'
    this.#probed.add(station)
    const alive = trusted === null ? await holder.showsLife(probe) : holder.spokeWithin(trusted)
    this.#probed.delete(station)
    if (!alive) holder.terminate('replaced by a new connection')
    return this.#live.get(station) ?? null
  }
}

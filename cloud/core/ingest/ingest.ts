import type { Clock } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { Observe } from '../domain/observation.ts'
import type { DepotLink, DepotMessage } from '../domain/ports/depot-link.ts'
import type { FleetStore } from '../domain/ports/fleet-store.ts'
import { DepotIngest } from './depot-ingest.ts'
import type { Fleet } from './fleet.ts'

export interface IngestOptions {
  readonly link: DepotLink
  readonly store: FleetStore
  readonly fleet: Fleet
  readonly clock: Clock
  readonly observe: Observe
  readonly depots: readonly { readonly id: string }[]
}

/** Takes messages off the line, one ingest for each configured depot; depots never wait for each other. */
export class Ingest {
  readonly #link: DepotLink
  readonly #stop = new AbortController()
  readonly #depots: ReadonlyMap<string, DepotIngest>

  constructor({ link, store, fleet, clock, observe, depots }: IngestOptions) {
    this.#link = link
    const context = { store, clock, observe, stopped: this.#stop.signal }
    const send = (depot: string, name: string, message: object) =>
      link.send(depot, name, JSON.stringify(message))
    this.#depots = new Map(depots.map(({ id }) => [id, new DepotIngest(id, { context, fleet, send })]))
  }

  start(): Promise<void> {
    return this.#link.start((message: DepotMessage) => this.#depots.get(message.depot)?.take(message))
  }

  async stop(): Promise<void> {
    await this.#link.stop()
    this.#stop.abort(new DepotError('ingest.stopped', 'the core is stopping'))
    await Promise.all([...this.#depots.values()].map((depot) => depot.stop()))
  }
}

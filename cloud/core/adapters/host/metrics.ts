import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Observation } from '../../domain/observation.ts'

/** What a scrape adds to the counters. */
export interface FleetGauges {
  readonly depot: string
  readonly committed: number
  readonly missing: number | null
  readonly live: boolean
}

/** The core's Prometheus metrics, in a registry of their own. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #seen: Counter<'depot' | 'kind'>
  readonly #facts: Counter<'depot'>
  readonly #head: Gauge<'depot'>
  readonly #missing: Gauge<'depot'>
  readonly #live: Gauge<'depot'>

  constructor() {
    const registers = [this.#registry]
    const labelNames = ['depot'] as const
    this.#seen = new Counter({
      name: 'busbar_cloud_observations_total',
      help: 'What the core observed, by kind',
      labelNames: ['depot', 'kind'],
      registers,
    })
    this.#facts = new Counter({
      name: 'busbar_cloud_facts_total',
      help: 'Facts committed',
      labelNames,
      registers,
    })
    this.#head = new Gauge({
      name: 'busbar_cloud_facts_head',
      help: 'Highest fact committed',
      labelNames,
      registers,
    })
    this.#missing = new Gauge({
      name: 'busbar_cloud_facts_missing',
      help: 'Facts told of, not here',
      labelNames,
      registers,
    })
    this.#live = new Gauge({
      name: 'busbar_cloud_depot_live',
      help: '1 while heartbeats come',
      labelNames,
      registers,
    })
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  observe(seen: Observation, known: boolean): void {
    // A name from an unknown client must not grow the set of series.
    const depot = known ? seen.depot : 'unknown'
    this.#seen.inc({ depot, kind: seen.kind })
    if (seen.kind === 'committed') this.#facts.inc({ depot }, seen.added)
  }

  text(fleet: readonly FleetGauges[]): Promise<string> {
    for (const { depot, committed, missing, live } of fleet) {
      this.#head.set({ depot }, committed)
      this.#live.set({ depot }, live ? 1 : 0)
      if (missing !== null) this.#missing.set({ depot }, missing)
    }
    return this.#registry.metrics()
  }
}

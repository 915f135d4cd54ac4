import { CLOUD_API_VERSION, type DepotView, type FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { Heartbeat } from '@busbar/contracts/sync/heartbeat.ts'
import { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { fromIso, hours, type Instant, instant, type Monotonic, toIso } from '@busbar/units/time.ts'
import { heardNow, type LastHeard, linkState } from '../domain/fleet/link-state.ts'
import { lastNoon } from '../domain/fleet/local-noon.ts'
import type {
  EnergyTotals,
  FleetStore,
  LaneHead,
  PowerPoint,
  StoredDepot,
} from '../domain/ports/fleet-store.ts'

interface CurrentEpoch {
  readonly epoch: string
  readonly head: LaneHead
}

interface DepotRecord {
  readonly id: string
  readonly name: string
  current: CurrentEpoch | null
  heard: LastHeard | null
  snapshot: {
    readonly value: StateSnapshot
    readonly asOf: Instant
    readonly received: Monotonic | null
  } | null
  trend: PowerPoint[]
  /** Highest number the depot itself has told of. */
  claimed: number | null
  lastCommittedAt: Instant | null
  quarantined: number
  totals: EnergyTotals
  /** Noon the totals count from; null when facts came since they were read. */
  totalsSince: Instant | null
}

/** How long minutes of power are kept, and how many of them a view shows. */
export const POWER_KEPT = hours(2)
const TREND_MS = 3_600_000

/** What the fleet looks like now: last pictures, signs of life and committed heads, in memory. */
export class Fleet {
  readonly #name: string
  readonly #clock: Clock
  readonly #scale: number
  readonly #start: Instant
  readonly #depots = new Map<string, DepotRecord>()
  #version = 0

  constructor(options: {
    name: string
    clock: Clock
    scale: number
    depots: readonly { id: string; name: string }[]
  }) {
    this.#name = options.name
    this.#clock = options.clock
    this.#scale = options.scale
    this.#start = options.clock.now()
    for (const depot of options.depots) this.#depots.set(depot.id, blank(depot))
  }

  /** Takes over what an earlier process had stored. Nobody counts as heard since. */
  async restore(store: FleetStore): Promise<void> {
    for (const stored of await store.load()) {
      const depot = this.#depots.get(stored.id)
      if (!depot) continue
      restoreDepot(depot, stored)
      depot.trend = [...(await store.powerSince(stored.id, instant(this.#clock.now() - TREND_MS)))]
    }
  }

  /** Counts up with every change that a view would show. */
  get version(): number {
    return this.#version
  }

  currentEpoch(id: string): CurrentEpoch | null {
    return this.#depots.get(id)?.current ?? null
  }

  greeted(id: string, current: CurrentEpoch, claimed: number): void {
    this.#change(id, (depot) => {
      if (depot.current?.epoch !== current.epoch) depot.snapshot = null
      depot.current = current
      depot.claimed = claimed
    })
  }

  heartbeat(id: string, beat: Heartbeat): void {
    this.#change(id, (depot) => {
      depot.heard = heardNow(depot.heard, { at: this.#clock.now(), mono: this.#clock.monotonic() })
      if (beat.epoch === depot.current?.epoch)
        depot.claimed = Math.max(depot.claimed ?? 0, beat.lanes.facts.head)
    })
  }

  /** Takes a picture in; null when it is of another epoch or not newer than the last. */
  snapshot(id: string, value: StateSnapshot): PowerPoint | null {
    const depot = this.#depots.get(id)
    const last = depot?.snapshot?.value
    if (!depot || value.epoch !== depot.current?.epoch) return null
    if (last?.epoch === value.epoch && last.boot_id === value.boot_id && value.n <= last.n) return null
    const asOf = fromIso(value.as_of)
    const point = { at: instant(asOf - (asOf % 60_000)), importW: value.site.import_w }
    this.#change(id, () => {
      depot.snapshot = { value, asOf, received: this.#clock.monotonic() }
      depot.claimed = Math.max(depot.claimed ?? 0, value.facts_head)
      depot.trend = [...depot.trend.filter((p) => p.at !== point.at && p.at > point.at - TREND_MS), point]
    })
    return point
  }

  committed(id: string, head: LaneHead, { at, quarantined }: { at: Instant; quarantined: number }): void {
    this.#change(id, (depot) => {
      if (depot.current) depot.current = { ...depot.current, head }
      depot.lastCommittedAt = at
      depot.quarantined += quarantined
      depot.totalsSince = null
    })
  }

  /** Reads the sums anew for depots with new facts, or whose day has turned. */
  async refreshTotals(store: FleetStore): Promise<void> {
    for (const depot of this.#depots.values()) {
      const noon = lastNoon(this.#clock.now(), depot.snapshot?.value.depot.time_zone ?? 'UTC')
      if (depot.totalsSince === noon) continue
      depot.totalsSince = noon
      depot.totals = await store.totals(depot.id, noon)
      this.#version++
    }
  }

  /** States of all links as one text, to notice when time alone changed one. */
  linkStates(): string {
    return [...this.#depots.values()].map((depot) => this.#link(depot).state).join()
  }

  view(): FleetView {
    const at = toIso(this.#clock.now())
    const depots = [...this.#depots.values()].map((depot) => this.#viewOf(depot))
    return {
      version: CLOUD_API_VERSION,
      fleet: { name: this.#name },
      at,
      clock: { scale: this.#scale },
      depots,
    }
  }

  depotView(id: string): DepotView | null {
    const depot = this.#depots.get(id)
    return depot ? this.#viewOf(depot) : null
  }

  #viewOf(depot: DepotRecord): DepotView {
    const { snapshot, current, lastCommittedAt } = depot
    const link = this.#link(depot)
    const committed = current?.head.seq ?? 0
    return {
      id: depot.id,
      name: depot.name,
      virtual: snapshot?.value.depot.virtual ?? false,
      link: { state: link.state, since: iso(link.since), last_heard_at: iso(link.lastHeardAt) },
      as_of: snapshot ? snapshot.value.as_of : null,
      age_ms: snapshot ? this.#ageOf(snapshot) : null,
      snapshot: snapshot?.value ?? null,
      trend: depot.trend.map((point) => ({ at: toIso(point.at), import_w: point.importW })),
      facts: {
        committed,
        missing: depot.claimed === null ? null : Math.max(0, depot.claimed - committed),
        last_committed_at: iso(lastCommittedAt),
        quarantined: depot.quarantined,
      },
      energy_wh: depot.totals.energyWh,
      transactions: { running: depot.totals.running, since_noon: depot.totals.startedSince },
    }
  }

  /** A depot whose clock is ahead must not look fresher than its last message is old. */
  #ageOf({ asOf, received }: { asOf: Instant; received: Monotonic | null }): number {
    const sinceReceived = received === null ? 0 : this.#clock.monotonic() - received
    return Math.round(Math.max(this.#clock.now() - asOf, sinceReceived))
  }

  #link(depot: DepotRecord) {
    return linkState(depot.heard, this.#clock.monotonic(), this.#start)
  }

  #change(id: string, apply: (depot: DepotRecord) => void): void {
    const depot = this.#depots.get(id)
    if (!depot) return
    apply(depot)
    this.#version++
  }
}

function restoreDepot(depot: DepotRecord, stored: StoredDepot): void {
  const { epoch, head, lastHeardAt, snapshot } = stored
  const value = snapshot === null ? null : StateSnapshot.safeParse(JSON.parse(snapshot))
  if (epoch !== null && head) depot.current = { epoch, head }
  depot.heard = lastHeardAt === null ? null : { at: lastHeardAt, mono: null, liveSince: lastHeardAt }
  if (value?.success && value.data.epoch === epoch)
    depot.snapshot = { value: value.data, asOf: fromIso(value.data.as_of), received: null }
  depot.lastCommittedAt = stored.lastCommittedAt
  depot.quarantined = stored.quarantined
}

const blank = ({ id, name }: { id: string; name: string }): DepotRecord => ({
  id,
  name,
  current: null,
  heard: null,
  snapshot: null,
  trend: [],
  claimed: null,
  lastCommittedAt: null,
  quarantined: 0,
  totals: { energyWh: 0, running: 0, startedSince: 0 },
  totalsSince: null,
})

const iso = (at: Instant | null): string | null => (at === null ? null : toIso(at))

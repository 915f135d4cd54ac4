import type { Instant } from '@busbar/units/time.ts'
import { foldTransactions, type TransactionRow } from '../fleet/transactions.ts'
import type {
  CommitResult,
  EpochClaim,
  EpochVerdict,
  FleetStore,
  IncomingBatch,
  LaneHead,
  PowerPoint,
  StoredDepot,
  StoredFactRow,
} from './fleet-store.ts'

interface Depot {
  epochs: Map<string, { no: number; current: boolean; head: LaneHead; facts: StoredFactRow[] }>
  transactions: Map<string, TransactionRow>
  energy: Map<Instant, number>
  power: Map<Instant, PowerPoint>
  stored: StoredDepot
}

/** A FleetStore that forgets with the process; the double for tests. */
export class MemoryFleetStore implements FleetStore {
  readonly #depots = new Map<string, Depot>()

  async registerDepots(depots: readonly { id: string; name: string }[]): Promise<void> {
    for (const { id } of depots) this.#depot(id)
  }

  async claimEpoch(claim: EpochClaim): Promise<EpochVerdict> {
    const depot = this.#depot(claim.depot)
    const current = [...depot.epochs].find(([, epoch]) => epoch.current)
    const known = depot.epochs.get(claim.epoch)
    const start = { seq: 0, hash: claim.start }
    if (known) return verdict(known.current ? 'current' : 'fenced', current?.[1].no ?? 0, known.head)
    if (current && claim.prevEpoch !== current[0]) return verdict('unknown', current[1].no, start)
    if (current) current[1].current = false
    const no = depot.epochs.size + 1
    depot.epochs.set(claim.epoch, { no, current: true, head: start, facts: [] })
    depot.stored = { ...depot.stored, epoch: claim.epoch, head: start }
    return verdict('current', no, start)
  }

  async commit(batch: IncomingBatch): Promise<CommitResult> {
    const depot = this.#depot(batch.depot)
    const epoch = depot.epochs.get(batch.epoch)
    const first = batch.records[0]
    const last = batch.records.at(-1)
    if (!epoch || !first || !last) return { kind: 'gap', head: { seq: 0, hash: '' } }
    const { head } = epoch
    if (first.seq > head.seq + 1) return { kind: 'gap', head }
    const known = batch.records.filter((r) => r.seq <= head.seq).at(-1)
    const clash = known ? epoch.facts[known.seq - 1]?.hash !== known.hash : batch.prevHash !== head.hash
    if (clash) return { kind: 'conflict', head, seq: known?.seq ?? first.seq }
    const fresh = batch.records.filter((r) => r.seq > head.seq)
    if (fresh.length === 0) return { kind: 'duplicate', head }
    epoch.facts.push(...fresh.map((r) => ({ ...r, line: r.quarantine ? null : r.line })))
    epoch.head = { seq: last.seq, hash: last.hash }
    const quarantined = depot.stored.quarantined + fresh.filter((r) => r.quarantine).length
    depot.stored = { ...depot.stored, head: epoch.head, lastCommittedAt: batch.at, quarantined }
    const changes = foldTransactions(
      depot.transactions,
      fresh.flatMap((r) => (r.event && !r.quarantine ? [r.event] : [])),
    )
    for (const [key, row] of changes.rows) depot.transactions.set(key, row)
    for (const [at, wh] of changes.energy) depot.energy.set(at, (depot.energy.get(at) ?? 0) + wh)
    return { kind: 'committed', head: epoch.head, added: fresh.length }
  }

  async load(): Promise<readonly StoredDepot[]> {
    return [...this.#depots.values()].map((depot) => depot.stored)
  }

  async saveHeard(id: string, lastHeardAt: Instant): Promise<void> {
    const depot = this.#depot(id)
    depot.stored = { ...depot.stored, lastHeardAt }
  }

  async savePresence(id: string, presence: string): Promise<void> {
    const depot = this.#depot(id)
    depot.stored = { ...depot.stored, presence }
  }

  async saveSnapshot(id: string, snapshot: string, power: PowerPoint, keep: number): Promise<void> {
    const depot = this.#depot(id)
    depot.stored = { ...depot.stored, snapshot }
    depot.power.set(power.at, power)
    for (const at of depot.power.keys()) if (at < power.at - keep) depot.power.delete(at)
  }

  async powerSince(id: string, since: Instant): Promise<readonly PowerPoint[]> {
    return [...this.#depot(id).power.values()].filter((p) => p.at >= since).sort((a, b) => a.at - b.at)
  }

  async totals(id: string, since: Instant) {
    const depot = this.#depot(id)
    const rows = [...depot.transactions.values()]
    return {
      energyWh: [...depot.energy].reduce((sum, [at, wh]) => (at >= since ? sum + wh : sum), 0),
      running: rows.filter((row) => row.startedAt !== null && row.endedAt === null).length,
      startedSince: rows.filter((row) => row.startedAt !== null && row.startedAt >= since).length,
    }
  }

  async transactions(id: string, limit: number): Promise<readonly TransactionRow[]> {
    const rows = [...this.#depot(id).transactions.values()]
    return rows.sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0)).slice(0, limit)
  }

  async facts(id: string, epoch: string, page: { after: number; limit: number }) {
    const facts = this.#depot(id).epochs.get(epoch)?.facts ?? []
    return facts.filter((fact) => fact.seq > page.after).slice(0, page.limit)
  }

  async ping(): Promise<void> {
    return undefined
  }

  #depot(id: string): Depot {
    const known = this.#depots.get(id)
    if (known) return known
    const none = {
      epoch: null,
      head: null,
      lastCommittedAt: null,
      snapshot: null,
      presence: null,
      lastHeardAt: null,
    }
    const depot: Depot = {
      epochs: new Map(),
      transactions: new Map(),
      energy: new Map(),
      power: new Map(),
      stored: { id, ...none, quarantined: 0 },
    }
    this.#depots.set(id, depot)
    return depot
  }
}

const verdict = (state: EpochVerdict['state'], epochNo: number, head: LaneHead): EpochVerdict => ({
  state,
  epochNo,
  head,
})

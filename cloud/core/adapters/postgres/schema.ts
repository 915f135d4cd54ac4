import type { Generated } from 'kysely'

/** Times are `timestamptz`, read as Date; `int8` is read as number. */
export interface Schema {
  depots: { id: string; name: string }
  epochs: {
    depot: string
    epoch: string
    epoch_no: number
    state: 'current' | 'fenced' | 'pending'
    cause: string
    prev_epoch: string | null
    first_seen: Date
  }
  heads: { depot: string; epoch: string; lane: string; seq: number; hash: string; committed_at: Date | null }
  facts: {
    depot: string
    epoch: string
    seq: number
    type: string
    occurred_at: Date
    recorded_at: Date
    committed_at: Date
    hash: string
    /** Null for a record in quarantine. */
    line: string | null
  }
  quarantine: {
    depot: string
    epoch: string
    seq: number
    type: string
    code: string
    reason: string
    line: string
    at: Date
    id: Generated<number>
  }
  transactions: {
    depot: string
    transaction: string
    station: string | null
    evse: number | null
    vehicle: string | null
    id_token: string | null
    started_at: Date | null
    ended_at: Date | null
    energy_wh: number
    soc_pct: number | null
    reason: string | null
    incomplete: boolean
  }
  energy_quarters: { depot: string; at: Date; energy_wh: number }
  power_history: { depot: string; at: Date; import_w: number | null }
  depot_status: {
    depot: string
    snapshot: string | null
    presence: string | null
    last_heard_at: Date | null
  }
}

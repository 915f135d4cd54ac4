import type { EvseKey } from '@busbar/model/ids.ts'
import type { Allocation } from './allocate.ts'
import { type Coefficient, type Level, unitOf } from './rows.ts'
import { nextStep } from './set-points.ts'
import { countedOn, likelyLevel, type SiteSnapshot, type SnapshotEvse } from './snapshot.ts'
import { inDeadBand, type Stay, type Transition } from './transition.ts'

/** What was decided from one snapshot. */
export interface Decided {
  readonly snapshot: SiteSnapshot
  readonly shares: Allocation
  readonly transition: Pick<Transition, 'moves' | 'stays'>
  /** Those whose new limit has been decided and has not left. */
  readonly unsent?: ReadonlySet<EvseKey>
}

/**
 * Why an EVSE's limit is what it is after a decision.
 *
 * `row`: a step more for it alone does not fit a row, all others having their shares. `room`: its share would fit, but
 * not yet beside what others may still draw. `waits`: the minimums of those whose turn it is fill a row. `max`: it asks
 * for no more. `meter`, `startup`, `resting`, `dead-band`, `stopped`: the rule of that name. `unsent`: its new limit is
 * decided and has not left. `settled`: nothing of all this; the balancer gave it no more. `fixed`: it is not steered.
 */
export type Cause =
  | { readonly kind: 'row' | 'room' | 'waits' | 'meter'; readonly row: number }
  | {
      readonly kind:
        | Exclude<Stay, 'awaits-room' | 'meter'>
        | 'max'
        | 'stopped'
        | 'unsent'
        | 'settled'
        | 'fixed'
    }

/** What fills one row, as one EVSE sees it: mA or W. */
export interface RowAccount {
  /** Index of the row. */
  readonly row: number
  readonly unit: 'A' | 'W'
  /** Whether EVSEs count at their shares, or at the most that they may draw already. */
  readonly counted: 'shares' | 'holds'
  readonly limit: number
  readonly base: number
  /** Of all other EVSEs, and how many of them load the row. */
  readonly others: number
  readonly otherCount: number
  readonly own: number
  /** base + others + own. */
  readonly used: number
  /** What a step more of this EVSE alone would add. */
  readonly step: number
}

export interface Explanation {
  readonly key: EvseKey
  /** The limit after the decision. */
  readonly level: Level
  readonly share: Level
  readonly cause: Cause
  /** The row that the cause names. */
  readonly account: RowAccount | null
  /** Other rows on which a step more would not fit either, one of each quantity. */
  readonly also: readonly RowAccount[]
}

/** Explains every EVSE of a decision. */
export function explainAll(decided: Decided): readonly Explanation[] {
  const loads = new Loads(decided)
  return decided.snapshot.evses.map((evse) => explained(decided, evse, loads))
}

/** What each row carries, base and EVSEs: at their shares, and at the most that they may draw. */
export function rowUses(decided: Decided): readonly { readonly shares: number; readonly holds: number }[] {
  const loads = new Loads(decided)
  return decided.snapshot.rows.map(({ base }, row) => loads.use(row, base))
}

function explained(decided: Decided, evse: SnapshotEvse, loads: Loads): Explanation {
  const { shares, transition } = decided
  const share = shares.get(evse.key)?.level ?? 0
  const move = transition.moves.find(({ key }) => key === evse.key)
  const level = move?.level ?? evse.current ?? evse.fallback
  const cause = causeOf(decided, { evse, level, share, loads })
  const row = 'row' in cause ? cause.row : null
  const basis = cause.kind === 'room' ? 'holds' : 'shares'
  const account = row === null ? null : loads.account(evse, row, basis)
  const also = evse.steerable
    ? loads
        .tight(evse, share)
        .filter((other) => other !== row)
        .map((other) => loads.account(evse, other, 'shares'))
    : []
  return { key: evse.key, level, share, cause, account, also }
}

interface Found {
  readonly evse: SnapshotEvse
  readonly level: Level
  readonly share: Level
  readonly loads: Loads
}

function causeOf(
  { snapshot, shares, transition, unsent }: Decided,
  { evse, level, share, loads }: Found,
): Cause {
  if (!evse.steerable) return { kind: 'fixed' }
  if (unsent?.has(evse.key)) return { kind: 'unsent' }
  const stay = transition.stays.get(evse.key)
  if (stay === 'meter') {
    const blind = evse.loads.find((c) => c.perLevel > 0 && snapshot.rows[c.row]?.mayRise === false)
    if (blind !== undefined) return { kind: 'meter', row: blind.row }
  }
  if (stay === 'startup' || stay === 'resting' || stay === 'dead-band') return { kind: stay }
  if (level < share) {
    const row = loads.withoutRoom(evse, share)
    return row === undefined ? { kind: 'settled' } : { kind: 'room', row }
  }
  if (level > share) return { kind: evse.resting && !inDeadBand(evse, share) ? 'resting' : 'dead-band' }
  const bound = shares.get(evse.key)?.bound
  if (bound?.kind === 'waits') return { kind: 'waits', row: bound.row }
  if (bound?.kind === 'stopped') return { kind: 'stopped' }
  // A reason is checked before it is told: what the balancer noted on its way counts only if it is so in the end.
  const tight = loads.tight(evse, share)
  const named = bound?.kind === 'row' && tight.includes(bound.row) ? bound.row : tight[0]
  if (nextStep(evse, share) > evse.max) return { kind: 'max' }
  return named === undefined ? { kind: 'settled' } : { kind: 'row', row: named }
}

/** What all EVSEs put on each row: at their shares, and at the most they may draw with this decision's raises sent. */
class Loads {
  readonly #snapshot: SiteSnapshot
  readonly #shares: Allocation
  readonly #raised: ReadonlyMap<EvseKey, Level>
  readonly #sums: { readonly shares: Float64Array; readonly holds: Float64Array }
  readonly #counts: Int32Array

  constructor({ snapshot, shares, transition }: Decided) {
    this.#snapshot = snapshot
    this.#shares = shares
    this.#raised = new Map(
      transition.moves.flatMap(({ key, level, kind }) => (kind === 'raise' ? [[key, level] as const] : [])),
    )
    const size = snapshot.rows.length
    this.#sums = { shares: new Float64Array(size), holds: new Float64Array(size) }
    this.#counts = new Int32Array(size)
    for (const evse of snapshot.evses)
      for (const c of evse.loads) {
        for (const basis of ['shares', 'holds'] as const)
          this.#sums[basis][c.row] = (this.#sums[basis][c.row] ?? 0) + this.#own(evse, c, basis)
        if (this.#own(evse, c, 'shares') !== 0) this.#counts[c.row] = (this.#counts[c.row] ?? 0) + 1
      }
  }

  use(row: number, base: number): { shares: number; holds: number } {
    return { shares: base + (this.#sums.shares[row] ?? 0), holds: base + (this.#sums.holds[row] ?? 0) }
  }

  account(evse: SnapshotEvse, row: number, counted: RowAccount['counted']): RowAccount {
    const { rows } = this.#snapshot
    const { limit = 0, base = 0, kind = 'power' } = rows[row] ?? {}
    const c = evse.loads.find((each) => each.row === row)
    const own = c === undefined ? 0 : this.#own(evse, c, counted)
    const all = this.#sums[counted][row] ?? 0
    const shown = c !== undefined && this.#own(evse, c, 'shares') !== 0 ? 1 : 0
    return {
      row,
      unit: unitOf({ kind }),
      counted,
      limit,
      base,
      others: all - own,
      otherCount: (this.#counts[row] ?? 0) - shown,
      own,
      used: base + all,
      step:
        c === undefined
          ? 0
          : this.#at(evse, c, nextStep(evse, this.#share(evse))) - this.#own(evse, c, 'shares'),
    }
  }

  /** Rows on which the step after `share` does not fit beside the shares of all others, one of each quantity. */
  tight(evse: SnapshotEvse, share: Level): readonly number[] {
    const next = nextStep(evse, share)
    if (!Number.isFinite(next)) return []
    const names = new Set<string>()
    return evse.loads.flatMap((c) => {
      const row = this.#snapshot.rows[c.row]
      const more = this.#at(evse, c, next) - this.#own(evse, c, 'shares')
      if (row === undefined || more <= 0 || (this.#sums.shares[c.row] ?? 0) + more <= row.capacity) return []
      const quantity = row.id.split('~')[0] ?? row.id
      if (names.has(quantity)) return []
      names.add(quantity)
      return [c.row]
    })
  }

  /** The first row on which going to `level` does not fit beside what all may draw already. */
  withoutRoom(evse: SnapshotEvse, level: Level): number | undefined {
    return evse.loads.find((c) => {
      const more = this.#at(evse, c, Math.max(level, evse.hold)) - this.#own(evse, c, 'holds')
      const capacity = this.#snapshot.rows[c.row]?.capacity ?? 0
      return c.perLevel > 0 && (this.#sums.holds[c.row] ?? 0) + Math.max(0, more) > capacity
    })?.row
  }

  #share(evse: SnapshotEvse): Level {
    return this.#shares.get(evse.key)?.level ?? 0
  }

  #at(evse: SnapshotEvse, c: Coefficient, level: Level): number {
    const at = evse.steerable ? Math.max(level, evse.stuck) : level
    return countedOn(this.#snapshot.rows[c.row], c, { evse, most: at, likely: at })
  }

  #own(evse: SnapshotEvse, c: Coefficient, basis: RowAccount['counted']): number {
    if (basis === 'shares') return this.#at(evse, c, evse.steerable ? this.#share(evse) : evse.expected)
    const raised = this.#raised.get(evse.key) ?? 0
    return countedOn(this.#snapshot.rows[c.row], c, {
      evse,
      most: Math.max(evse.hold, raised),
      likely: Math.max(likelyLevel(evse), raised),
    })
  }
}

import type { EvseKey } from '@busbar/model/ids.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from './snapshot.ts'

/** What one vehicle must have before it leaves. */
export interface TriageCase {
  readonly key: EvseKey
  /** Hours until it leaves. */
  readonly leavesInH: number
  /** Energy that it must still get for its next duty, Wh at the AC side; 0 when it has it. */
  readonly mustWh: number
  /** The most that it could take if it were alone, W at the AC side. */
  readonly bestW: number
  /** It was deferred a moment ago and stays so rather than another. */
  readonly wasDeferred?: boolean
}

/** `met` has what it must have; `hopeless` could not have it in time even alone; `deferred` gives way to others. */
export type Verdict = 'kept' | 'met' | 'deferred' | 'hopeless'

export interface Triage {
  /** Not all can have what they must have. */
  readonly engaged: boolean
  readonly verdicts: ReadonlyMap<EvseKey, Verdict>
}

/** A vehicle with what its need asks of each row: mA·h or W·h. */
interface Claim {
  readonly of: TriageCase
  readonly tier: number
  /** Somebody put it first by hand: it is never deferred. */
  readonly pinned: boolean
  readonly asks: readonly { readonly row: number; readonly amount: number }[]
}

/** Weight of vehicles that come last, before their need is taken into account. */
const LAST_WEIGHT = 0.05

/**
 * Decides who is still to be ready when not all can be, so that the shortfall falls on few instead of on everyone.
 *
 * It walks by departure and adds up on every row what must be delivered until then. Where that passes capacity × time
 * there is a shortfall, and the vehicle of the lowest tier with the largest need is deferred, until the rest fits
 * (Moore and Hodgson). Those who could not be ready even alone never displace one that can. Without a shortfall nobody
 * is deferred. Pure; ties by key.
 */
export function triage(snapshot: SiteSnapshot, cases: readonly TriageCase[]): Triage {
  const byKey = new Map(snapshot.evses.map((evse) => [evse.key, evse]))
  const claims = cases
    .flatMap((of): Claim[] => {
      const evse = byKey.get(of.key)
      if (evse === undefined || of.mustWh <= 0) return []
      const reach = Math.min(of.mustWh, of.bestW * Math.max(0, of.leavesInH))
      return [
        {
          of,
          tier: evse.tier ?? 1,
          pinned: evse.deferred === false,
          asks: asksOf(snapshot.rows, evse, reach / evse.wattsPerLevel),
        },
      ]
    })
    .sort((a, b) => a.of.leavesInH - b.of.leavesInH || (a.of.key < b.of.key ? -1 : 1))
  const engaged = walk(snapshot.rows, claims, () => undefined)
  const verdicts = new Map<EvseKey, Verdict>(
    cases.map(({ key, mustWh }) => [key, mustWh <= 0 ? 'met' : 'kept']),
  )
  const completable = claims.filter(({ of }) => !hopeless(of))
  for (const { of } of claims) if (hopeless(of)) verdicts.set(of.key, 'hopeless')
  if (engaged)
    walk(snapshot.rows, completable, (claim) => {
      verdicts.set(claim.of.key, 'deferred')
    })
  return { engaged, verdicts }
}

/** Cannot have what it must have in time, even alone; a Wh is forgiven to rounding. */
const hopeless = ({ mustWh, bestW, leavesInH }: TriageCase): boolean => mustWh > bestW * leavesInH + 1

/**
 * Adds up claims by departure and defers where a row cannot meet them.
 * @returns whether some row could not
 */
function walk(
  rows: readonly SnapshotRow[],
  claims: readonly Claim[],
  defer: (claim: Claim) => void,
): boolean {
  const sums = new Float64Array(rows.length)
  const kept = new Set<Claim>()
  let short = false
  for (const claim of claims) {
    kept.add(claim)
    add(sums, claim, 1)
    for (let full = fullRow(rows, sums, claim); full !== undefined; full = fullRow(rows, sums, claim)) {
      short = true
      const last = lastOn(kept, full)
      if (last === undefined) break
      kept.delete(last)
      add(sums, last, -1)
      defer(last)
    }
  }
  return short
}

/** What a need in level·hours asks of the rows: relief counts on agreed limits only. */
const asksOf = (rows: readonly SnapshotRow[], evse: SnapshotEvse, need: number): Claim['asks'] =>
  evse.loads.map(({ row, perLevel }) => ({
    row,
    amount: need * (rows[row]?.duty === 'contract' ? perLevel : Math.max(0, perLevel)),
  }))

function add(sums: Float64Array, { asks }: Claim, sign: 1 | -1): void {
  for (const { row, amount } of asks) sums[row] = (sums[row] ?? 0) + sign * amount
}

/** A row that cannot deliver what is added up until this claim's departure; a level·hour is forgiven to rounding. */
const fullRow = (rows: readonly SnapshotRow[], sums: Float64Array, { of, asks }: Claim): number | undefined =>
  asks.find(({ row, amount }) => {
    const most = Math.max(0, rows[row]?.capacity ?? 0) * Math.max(0, of.leavesInH)
    return amount > 0 && (sums[row] ?? 0) > most + 1
  })?.row

const amountOn = ({ asks }: Claim, row: number): number => asks.find((ask) => ask.row === row)?.amount ?? 0

/** Who gives way on a row: of the lowest tier who was deferred already, then the largest need, then the last key. */
function lastOn(kept: ReadonlySet<Claim>, row: number): Claim | undefined {
  let last: Claim | undefined
  for (const claim of kept) {
    if (claim.pinned || amountOn(claim, row) <= 0) continue
    if (last === undefined || givesWay(claim, last, row)) last = claim
  }
  return last
}

function givesWay(claim: Claim, other: Claim, row: number): boolean {
  if (claim.tier !== other.tier) return claim.tier > other.tier
  const [was, wasOther] = [claim.of.wasDeferred === true, other.of.wasDeferred === true]
  if (was !== wasOther) return was
  const more = amountOn(claim, row) - amountOn(other, row)
  return more === 0 ? claim.of.key > other.of.key : more > 0
}

/**
 * The EVSEs with the verdicts taken in: those kept first, the others deferred, weighted so that they get the same part
 * of what they need. Without a shortfall they come back as they are.
 */
export function withTriage(
  evses: readonly SnapshotEvse[],
  { engaged, verdicts }: Triage,
  cases: readonly TriageCase[],
): readonly SnapshotEvse[] {
  if (!engaged) return evses
  const needs = new Map(cases.map(({ key, mustWh }) => [key, mustWh]))
  const most = Math.max(1, ...needs.values())
  return evses.map((evse) => {
    const verdict = verdicts.get(evse.key)
    if (verdict === undefined || verdict === 'kept' || evse.deferred === false) return evse
    const part = verdict === 'met' ? 0 : (needs.get(evse.key) ?? 0) / most
    return { ...evse, deferred: true, weight: LAST_WEIGHT * Math.max(0.1, part) }
  })
}

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
  /** A dispatcher keeps it: it is never deferred. */
  readonly pinned?: boolean
}

/** `met` has what it must have; `hopeless` could not have it in time even alone; `deferred` gives way to others. */
export type Verdict = 'kept' | 'met' | 'deferred' | 'hopeless'

export interface Triage {
  /** Not all can have what they must have. */
  readonly engaged: boolean
  readonly verdicts: ReadonlyMap<EvseKey, Verdict>
}

/** A vehicle with what its need asks of the rows: mA·h or W·h per level·hour. */
interface Claim {
  readonly of: TriageCase
  readonly evse: SnapshotEvse
  /** Level·hours. */
  readonly need: number
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
      return [{ of, evse, need: reach / evse.wattsPerLevel }]
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
    add(rows, sums, claim, 1)
    for (let full = fullRow(rows, sums, claim); full !== undefined; full = fullRow(rows, sums, claim)) {
      short = true
      const last = lastOn(rows, kept, full)
      if (last === undefined) break
      kept.delete(last)
      add(rows, sums, last, -1)
      defer(last)
    }
  }
  return short
}

/** Load per level on a row: relief counts on agreed limits only. */
const factors = (rows: readonly SnapshotRow[], { evse }: Claim) =>
  evse.loads.map(({ row, perLevel }) => ({
    row,
    factor: rows[row]?.duty === 'contract' ? perLevel : Math.max(0, perLevel),
  }))

function add(rows: readonly SnapshotRow[], sums: Float64Array, claim: Claim, sign: 1 | -1): void {
  for (const { row, factor } of factors(rows, claim))
    sums[row] = (sums[row] ?? 0) + sign * factor * claim.need
}

/** A row that cannot deliver what is added up until this claim's departure; a level·hour is forgiven to rounding. */
const fullRow = (rows: readonly SnapshotRow[], sums: Float64Array, claim: Claim): number | undefined =>
  factors(rows, claim).find(({ row, factor }) => {
    const most = Math.max(0, rows[row]?.capacity ?? 0) * Math.max(0, claim.of.leavesInH)
    return factor > 0 && (sums[row] ?? 0) > most + 1
  })?.row

/** Who gives way on a row: of the lowest tier who was deferred already, then the largest load, then the last key. */
function lastOn(rows: readonly SnapshotRow[], kept: ReadonlySet<Claim>, row: number): Claim | undefined {
  const loading = [...kept].flatMap((claim) => {
    const factor = factors(rows, claim).find((each) => each.row === row)?.factor ?? 0
    return factor > 0 && claim.of.pinned !== true ? [{ claim, load: factor * claim.need }] : []
  })
  const [first] = loading.sort(
    (a, b) =>
      (b.claim.evse.tier ?? 1) - (a.claim.evse.tier ?? 1) ||
      Number(b.claim.of.wasDeferred ?? false) - Number(a.claim.of.wasDeferred ?? false) ||
      b.load - a.load ||
      (a.claim.of.key < b.claim.of.key ? 1 : -1),
  )
  return first?.claim
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
    if (verdict === undefined || verdict === 'kept') return evse
    const part = verdict === 'met' ? 0 : (needs.get(evse.key) ?? 0) / most
    return { ...evse, deferred: true, weight: LAST_WEIGHT * Math.max(0.1, part) }
  })
}

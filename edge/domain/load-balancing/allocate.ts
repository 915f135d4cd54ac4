import type { EvseKey } from '@busbar/model/ids.ts'
import { admit, giveFallbacks, type Refusal } from './admission.ts'
import { check } from './checker.ts'
import { AT_CAP, type Filling, fill, OPEN, settle, stepUp } from './filling.ts'
import { LoadTable } from './load-table.ts'
import type { Level } from './rows.ts'
import { lowest, nextStep, quantise } from './set-points.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

/**
 * What bounds an EVSE's share: a full row, its own `max`, or that it is not steered. One that waits gets nothing, for the
 * minimums of others fill the row; one that was stopped starts again only after its least time of rest.
 */
export type Bound =
  | { readonly kind: 'row'; readonly row: number }
  | { readonly kind: 'max' }
  | { readonly kind: 'fixed' }
  | Refusal

export interface Share {
  readonly level: Level
  readonly bound: Bound
}

/** What each EVSE should get. */
export type Allocation = ReadonlyMap<EvseKey, Share>

/** Levels that a solver would give, whole or not; who is missing gets no more than it is sure of. */
export type Proposal = ReadonlyMap<EvseKey, Level>

export interface Allocated {
  readonly shares: Allocation
  /** Whether the shares come from the proposal: it fitted, took nothing promised and gave no less in all. */
  readonly proposed: boolean
}

/**
 * Divides the rows' capacity between EVSEs: fallbacks, minimums, guarantees tier by tier, and the rest weighted max-min
 * fair in watts; those deferred last. `allocate.md` tells how.
 *
 * Pure and deterministic (ties by rank, then key), in whole mA and W. No row exceeds its capacity when everything that
 * cannot be steered draws what is expected of it and every steerable EVSE the larger of its share, its fallback and
 * what it is stuck at; where even that does not fit, shares go below the fallback, least urgent first, to the minimum
 * and then to 0.
 */
export const allocate = (snapshot: SiteSnapshot): Allocation =>
  allocateWith(snapshot, proposedIn(snapshot)).shares

/** The proposal that the snapshot carries. */
function proposedIn({ evses }: SiteSnapshot): Proposal | undefined {
  const levels = evses.flatMap(({ key, proposed }) =>
    proposed === undefined ? [] : [[key, proposed] as const],
  )
  return levels.length === 0 ? undefined : new Map(levels)
}

/** `allocate`, with the surplus as proposed where the checker finds that safe and it is worth no less. */
export function allocateWith(snapshot: SiteSnapshot, proposal: Proposal | undefined): Allocated {
  const { table, groups, refused, short } = promised(snapshot)
  const sure = table.levels.slice()
  const filled = surplus(table, groups, { refused, short })
  const shares = sharesOf(table, { filled, refused })
  if (proposal === undefined) return { shares, proposed: false }
  const worth = worthOf(table)
  table.restore(sure)
  const adopted = adopt(table, { proposal, groups, refused })
  const fits = worthOf(table) >= worth && check(snapshot, adopted).length === 0
  return { shares: fits ? adopted : shares, proposed: fits }
}

/** The order where order decides: deferred last, by tier, by rank, then by key. */
export const inOrder = (evses: readonly SnapshotEvse[]): readonly SnapshotEvse[] =>
  [...evses].sort(
    (a, b) =>
      Number(a.deferred ?? false) - Number(b.deferred ?? false) ||
      (a.tier ?? 1) - (b.tier ?? 1) ||
      a.rank - b.rank ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  )

interface Groups {
  readonly kept: readonly number[]
  readonly deferred: readonly number[]
}

interface Promised {
  readonly table: LoadTable
  readonly groups: Groups
  readonly refused: Map<number, Refusal>
  /** The row that keeps each from what it is promised; below 0 for none. */
  readonly short: Int32Array
}

/** Fallbacks, minimums and guarantees: what is given before the surplus is shared. */
export function promised(snapshot: SiteSnapshot): Promised {
  const table = new LoadTable(snapshot, inOrder(snapshot.evses))
  const steered = table.evses.flatMap((evse, i) => (evse.steerable ? [i] : []))
  giveFallbacks(table, steered)
  const isDeferred = (i: number): boolean => table.evses[i]?.deferred === true
  const groups = {
    kept: steered.filter((i) => !isDeferred(i)),
    deferred: steered.filter(isDeferred),
  }
  const refused = new Map(admit(table, groups.kept))
  const short = guarantee(table, served(table, groups.kept, refused))
  return { table, groups, refused, short }
}

const served = (
  table: LoadTable,
  group: readonly number[],
  refused: ReadonlyMap<number, Refusal>,
): readonly number[] => group.filter((i) => !refused.has(i) && canRise(table, i))

function canRise(table: LoadTable, i: number): boolean {
  const evse = table.evses[i]
  return evse !== undefined && nextStep(evse, table.level(i)) <= evse.max
}

/**
 * Tier by tier: all the same part of what they are promised.
 * @returns the rows that keep it from some, by place in the table; below 0 for none
 */
function guarantee(table: LoadTable, group: readonly number[]): Int32Array {
  const short = new Int32Array(table.evses.length).fill(OPEN)
  const entitled = group.filter((i) => (table.evses[i]?.guarantee ?? 0) > 0)
  if (entitled.length === 0) return short
  const rate = Float64Array.from(table.evses, (evse) => evse.guarantee ?? 0)
  const cap = Float64Array.from(table.evses, (evse, i) => quantise(evse, Math.min(evse.max, rate[i] ?? 0)))
  const tierOf = (i: number): number => table.evses[i]?.tier ?? 1
  for (const tier of new Set(entitled.map(tierOf))) {
    const who = entitled.filter((i) => tierOf(i) === tier)
    const ended = fill(table, { who, rate, cap })
    for (const i of who) short[i] = ended[i] ?? OPEN
  }
  return short
}

/** Watts per weight rise for all together; then for those deferred, with what that leaves. */
function surplus(
  table: LoadTable,
  groups: Groups,
  { refused, short }: Pick<Promised, 'refused' | 'short'>,
): Int32Array {
  const filled = fill(table, shared(table, served(table, groups.kept, refused)), short)
  if (groups.deferred.length === 0) return filled
  for (const [i, why] of admit(table, groups.deferred)) refused.set(i, why)
  const later = fill(table, shared(table, served(table, groups.deferred, refused)))
  for (const i of groups.deferred) filled[i] = later[i] ?? AT_CAP
  if (table.relieved) again(table, [...groups.kept, ...groups.deferred], { filled, refused })
  return filled
}

/** Those deferred may have made room for the others on rows that they relieve. */
function again(
  table: LoadTable,
  everyone: readonly number[],
  { filled, refused }: { filled: Int32Array; refused: ReadonlyMap<number, Refusal> },
): void {
  const who = served(table, everyone, refused)
  const ended = stepUp(table, shared(table, who), filled)
  for (const i of who) filled[i] = ended[i] ?? AT_CAP
}

const shared = (table: LoadTable, who: readonly number[]): Filling => ({
  who,
  rate: Float64Array.from(table.evses, ({ weight, wattsPerLevel }) => weight / wattsPerLevel),
  cap: Float64Array.from(table.evses, (evse) => quantise(evse, evse.max)),
})

/** The proposal instead of the filling: down to set-points and within the rows, then single steps of what that leaves. */
function adopt(
  table: LoadTable,
  { proposal, groups, refused }: { proposal: Proposal; groups: Groups; refused: Map<number, Refusal> },
): Allocation {
  const everyone = [...groups.kept, ...groups.deferred].filter((i) => refused.get(i)?.kind !== 'stopped')
  const filling = shared(table, everyone)
  const levels = Float64Array.from(table.evses, ({ key }) => proposal.get(key) ?? 0)
  settle(table, filling, levels)
  return sharesOf(table, { filled: stepUp(table, filling), refused })
}

/** Watts by weight. */
const worthOf = (table: LoadTable): number =>
  table.evses.reduce((sum, evse, i) => sum + evse.weight * evse.wattsPerLevel * table.level(i), 0)

function sharesOf(
  table: LoadTable,
  { filled, refused }: { filled: Int32Array; refused: ReadonlyMap<number, Refusal> },
): Allocation {
  const boundOf = (evse: SnapshotEvse, i: number): Bound => {
    if (!evse.steerable) return { kind: 'fixed' }
    const level = table.level(i)
    const next = nextStep(evse, level)
    if (next > evse.max) return { kind: 'max' }
    const refusal = refused.get(i)
    if (refusal !== undefined && level < lowest(evse)) return refusal
    const row = filled[i] ?? AT_CAP
    return row >= 0 ? { kind: 'row', row } : { kind: 'max' }
  }
  return new Map(table.evses.map((evse, i) => [evse.key, { level: table.level(i), bound: boundOf(evse, i) }]))
}

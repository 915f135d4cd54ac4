import { as, type MeterId } from '@busbar/model/ids.ts'
import { type Formula, leavesOf } from '../domain/site/virtual-meter.ts'
import type { DepotConfig } from './schema.ts'

type MeterConfig = DepotConfig['meters'][number]

/** How each meter is computed; null for one that is read. */
export const formulasOf = (config: Pick<DepotConfig, 'meters'>): ReadonlyMap<MeterId, Formula | null> =>
  new Map(config.meters.map((meter) => [as<MeterId>(meter.id), formulaOf(meter)]))

function formulaOf({ virtual }: MeterConfig): Formula | null {
  if (virtual === undefined) return null
  if ('sum' in virtual) return { kind: 'sum', of: virtual.sum.map((id) => as<MeterId>(id)) }
  if ('scaled' in virtual)
    return { kind: 'scaled', of: [as<MeterId>(virtual.scaled.of)], factor: virtual.scaled.factor }
  const [from, taken] = virtual.difference
  return { kind: 'difference', of: [as<MeterId>(from), as<MeterId>(taken)] }
}

/** Whether a meter only feeds a virtual one on its own circuit, and so does not stand for that circuit. */
export const isPart = (config: Pick<DepotConfig, 'meters'>, { id, circuit }: MeterConfig): boolean =>
  config.meters.some(
    (other) => other.id !== id && other.circuit === circuit && formulaOf(other)?.of.includes(as<MeterId>(id)),
  )

/** A meter's period, ms; a virtual one is as slow as the slowest meter it follows from. */
export function pollOf(
  config: Pick<DepotConfig, 'meters'>,
  formulas: ReadonlyMap<MeterId, Formula | null>,
  meter: MeterId,
): number {
  const leaves = leavesOf(meter, formulas) ?? [meter]
  const polls = config.meters
    .filter(({ id }) => leaves.includes(as<MeterId>(id)))
    .map(({ poll_ms }) => poll_ms)
  return Math.max(...polls, 0)
}

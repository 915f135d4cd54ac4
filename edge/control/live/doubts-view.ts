import { toIso } from '@busbar/units/time.ts'
import { doubtfulRecords } from '../../domain/charging/doubtful.ts'
import type { Depot } from '../depot.ts'

/** Orphans and suspect transactions that nobody has settled, oldest first. */
export const doubtsView = (depot: Depot) =>
  [...depot.memory.table(doubtfulRecords).values()]
    .flat()
    .sort((one, other) => one.at - other.at)
    .map(({ id, at, reasons, ...record }) => ({
      doubt: id,
      ...record,
      reasons: [...reasons],
      at: toIso(at),
    }))

import { evseKey } from '@busbar/model/ids.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import { renewedLevel } from '../../domain/load-balancing/sure.ts'
import type { Depot } from '../depot.ts'
import { limitOf } from '../effects.ts'
import { useOf } from '../use.ts'

/**
 * The limit of the running transaction as far as it surely raises nothing. A raise that waits for the disk, or that nobody
 * answered, is not told: it leaves by its own message, when its rows allow it.
 */
export function limitAsked(
  depot: Depot,
  { station, evse }: InputOf<'limit-asked'>,
): Submitted<'limit-asked'> {
  const key = evseKey(station, evse)
  const place = depot.setup.site.evses.get(key)
  const open = depot.transactionAt(key)
  const newest = newestLimit(depot.ledger(key))
  const durable = Promise.resolve()
  if (place === undefined || open === undefined || newest === undefined)
    return { outcome: { limit: null }, durable }
  const of = { newest: levelOf(newest.limit), now: depot.monotonic }
  return { outcome: { limit: limitOf(place, renewedLevel(useOf(depot, place, open), of)) }, durable }
}

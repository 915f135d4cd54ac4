import type { StationId } from '@busbar/model/ids.ts'
import type { TransactionEvent } from '../domain/inputs.ts'
import { MissingNumbers } from './missing-numbers.ts'

/** Where we are in the numbered events of one transaction. */
export interface EventOrder {
  readonly station: StationId
  readonly name: string
  /** The number that comes next; null while the start has not been heard. */
  next: number | null
  /** Numbers that were waited for in vain. */
  readonly missing: MissingNumbers
  /** Events that came too early, by number. */
  readonly held: Map<number, TransactionEvent>
  waiting: boolean
  /** Only the first event names them, as a rule. @see ocpp.md 3.9 */
  evse: number | null
  connector: number | null
}

/** Transactions of one station that are remembered: more than run at once or wait in a queue. */
const REMEMBERED = 100

/** The orders of all stations, over reconnects; a restart forgets all but the held events. */
export class EventOrders {
  readonly #byStation = new Map<StationId, Map<string, EventOrder>>()

  of({ station, name }: Pick<TransactionEvent, 'station' | 'name'>): EventOrder | undefined {
    return this.#byStation.get(station)?.get(name)
  }

  /** Starts to count a transaction, anew when the name has been used before. */
  begin({ station, name }: Pick<TransactionEvent, 'station' | 'name'>, next: number | null): EventOrder {
    const orders = this.#byStation.get(station) ?? new Map<string, EventOrder>()
    this.#byStation.set(station, orders)
    const order: EventOrder = {
      station,
      name,
      next,
      missing: new MissingNumbers(),
      held: new Map(),
      waiting: false,
      evse: null,
      connector: null,
    }
    orders.delete(name)
    orders.set(name, order)
    if (orders.size > REMEMBERED) {
      const oldest = [...orders.values()].find(({ held }) => held.size === 0)
      if (oldest !== undefined) orders.delete(oldest.name)
    }
    return order
  }
}

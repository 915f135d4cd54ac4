import type { StationId } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { InputOf } from '../domain/inputs.ts'

type Start = InputOf<'transaction-started'>
type Stop = InputOf<'transaction-ended'>

/** A station tells a start so long after its stop; later they are not taken for one transaction. */
const KEPT = minutes(10)
/** More than these wait for no start. */
const MOST = 8

/**
 * Stops that came before the start of their transaction. The record of each is kept as a fact as well, so one that is
 * forgotten here is not lost. @see ocpp.md 3.3
 */
export class EarlyStops {
  readonly #waiting = new Map<StationId, { readonly stop: Stop; readonly at: Monotonic }[]>()

  keep(stop: Stop, at: Monotonic): void {
    const waiting = this.#waiting.get(stop.station) ?? []
    this.#waiting.set(stop.station, [...waiting, { stop, at }].slice(-MOST))
  }

  /** The stop of the transaction that this starts, taken out; null when none fits. */
  take(start: Start, now: Monotonic): Stop | null {
    const waiting = this.#waiting.get(start.station) ?? []
    const found = waiting.find(({ stop, at }) => between(at, now) <= KEPT && ends(stop, start))
    if (found === undefined) return null
    this.#waiting.set(
      start.station,
      waiting.filter((entry) => entry !== found),
    )
    return found.stop
  }
}

/** One register counts all transactions of an EVSE, so its values tell which end belongs to which beginning. */
const ends = ({ time, meterStopWh, idToken }: Stop, start: Start): boolean =>
  time.at >= start.time.at &&
  meterStopWh !== null &&
  meterStopWh >= start.meterStartWh &&
  (idToken === null || idToken === start.idToken)

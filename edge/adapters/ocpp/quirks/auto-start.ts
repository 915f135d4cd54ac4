import type { Timer } from '@busbar/model/clock.ts'
import { as, type IdToken } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { Quirk, QuirkSelf } from './quirk.ts'

/** Before a start that was not to be had is tried again, while the vehicle is still there. */
const AGAIN = seconds(60)
/** Of a token in OCPP 1.6. */
const LONGEST = 20

/**
 * Starts whatever is plugged in, once for each stay, as if the station had presented its own identity as a token: it has
 * to be one that may charge, and room is made for it first.
 */
export function autoStart(): Quirk {
  /** EVSEs with a vehicle that is being started or has been. */
  const begun = new Set<number>()
  const retries = new Map<number, Timer>()
  const end = (evse: number) => {
    begun.delete(evse)
    retries.get(evse)?.cancel()
    retries.delete(evse)
  }
  const begin = (evse: number, self: QuirkSelf) => {
    begun.add(evse)
    const failed = () => {
      if (begun.has(evse))
        retries.set(
          evse,
          self.clock.timer(AGAIN, () => begin(evse, self)),
        )
    }
    start(evse, self).then((started) => started || failed(), failed)
  }
  return {
    means(input, self) {
      if (input.type === 'transaction-started') begun.add(input.evse)
      if (input.type === 'transaction-event' && input.evse !== null) begun.add(input.evse)
      if (input.type !== 'connector-status' || input.evse === 0) return input
      if (input.status !== 'Occupied') end(input.evse)
      else if (waits(input.chargingState) && !begun.has(input.evse) && self.runningAt(input.evse) === null)
        begin(input.evse, self)
      return input
    },
    closed() {
      for (const evse of [...retries.keys()]) end(evse)
    },
  }
}

/** OCPP 2.0.1 says no more than that somebody is there. */
const waits = (chargingState: string | null): boolean =>
  chargingState === 'EVConnected' || chargingState === null

async function start(evse: number, { station, submit, ask, log }: QuirkSelf): Promise<boolean> {
  const idToken = as<IdToken>(station.slice(0, LONGEST))
  const { status } = await submit({ type: 'authorize', station, idToken }).outcome
  const answer =
    status === 'Accepted'
      ? await ask({ kind: 'request-start', evse, idToken }, { priority: 'operator', deadline: seconds(30) })
      : null
  if (answer?.status === 'accepted') return true
  log.warn({ station, evse, idToken, status }, 'a vehicle is plugged in that cannot be started')
  return false
}

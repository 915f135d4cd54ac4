import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { AuthorizationStatus } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot, RoomRequest } from '../depot.ts'
import { decideOn, particularsOf } from '../tokens.ts'

/** A station waits about 30 s for its answer; by then we have said yes or no. */
const PATIENCE = seconds(20)

/**
 * An accepted token may start drawing the fallback without another word from us, so room for it comes first. The
 * answer is no receipt: it does not wait for the disk.
 */
export function authorizeToken(depot: Depot, input: InputOf<'authorize'>): Submitted<'authorize'> {
  const { station, idToken } = input
  const decision = decideOn(depot, idToken)
  const { status, vehicle } = decision
  const settled = status === 'Accepted' ? roomFor(depot, station) : Promise.resolve(status)
  const durable = settled.then((final) => {
    const data = { station, id_token: idToken, status: final, vehicle }
    return depot.recorder.record([
      depot.recorder.fact('IdTokenAuthorized', { type: 'station', id: station }, data),
    ])
  })
  durable.catch(() => undefined)
  return { outcome: settled.then((final) => ({ status: final, ...particularsOf(decision) })), durable }
}

/** Settles `Accepted` once the fallback of the station's idle EVSEs fits every row, `Blocked` when that takes too long. */
export function roomFor(depot: Depot, station: StationId): Promise<AuthorizationStatus> {
  return new Promise((settle) => {
    const request: RoomRequest = {
      station,
      until: (depot.monotonic + PATIENCE) as RoomRequest['until'],
      settle,
    }
    depot.roomRequests.add(request)
    depot.urge()
  })
}

import type { Reply, StationCall } from '../rpc/route.ts'
import { textOf, words } from '../tolerant.ts'
import type { V201Context } from './context.ts'
import { wholeOf } from './id-token-info.ts'
import { keptReport } from './kept-report.ts'

const causeOf = words({ Expired: 'expired', Removed: 'removed' } as const)

/** The station has dropped a reservation: it is kept as it was told, and over here too. @see OCPP 2.0.1 H06 */
export const reservationStatus =
  (context: V201Context) =>
  (call: StationCall): Reply => {
    const kept = keptReport(context, {}, 'reservationId', 'reservationUpdateStatus')(call)
    const reservation = wholeOf(call.payload.reservationId)
    const cause = causeOf(textOf(call.payload.reservationUpdateStatus))
    if (reservation === null || cause === undefined) return kept
    const { station } = call
    const { durable } = context.submit({ type: 'reservation-ended', station, reservation, cause })
    return { ...kept, durable: Promise.all([kept.durable, durable]).then(() => undefined) }
  }

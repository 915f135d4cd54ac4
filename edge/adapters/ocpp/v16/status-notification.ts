import type { ChargingState, ConnectorStatus } from '../../../domain/facts.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { stationTime } from '../station-time.ts'
import { textOf, words } from '../tolerant.ts'
import { addressOf } from './addressing.ts'
import type { V16Context } from './context.ts'

interface Status {
  readonly status: ConnectorStatus
  readonly chargingState: ChargingState | null
}

/** The nine states of OCPP 1.6, and Occupied, which some stations kept from 1.5. */
export const statusOf = words<Status>({
  Available: { status: 'Available', chargingState: null },
  Preparing: { status: 'Occupied', chargingState: 'EVConnected' },
  Charging: { status: 'Occupied', chargingState: 'Charging' },
  SuspendedEV: { status: 'Occupied', chargingState: 'SuspendedEV' },
  SuspendedEVSE: { status: 'Occupied', chargingState: 'SuspendedEVSE' },
  Finishing: { status: 'Occupied', chargingState: 'Idle' },
  Reserved: { status: 'Reserved', chargingState: null },
  Unavailable: { status: 'Unavailable', chargingState: null },
  Faulted: { status: 'Faulted', chargingState: null },
  Occupied: { status: 'Occupied', chargingState: null },
})

/** An unknown word counts as occupied: a vehicle may be there. */
export const UNKNOWN_STATUS: Status = { status: 'Occupied', chargingState: null }

export const statusNotification =
  ({ submit, log }: V16Context) =>
  ({ station, payload, receivedAt }: StationCall): Reply => {
    const word = textOf(payload.status)
    const known = statusOf(word)
    if (!known) log.warn({ station, status: word }, 'an unknown connector status counts as Occupied')
    const errorCode = textOf(payload.errorCode)
    const { durable } = submit({
      type: 'connector-status',
      station,
      ...addressOf(payload.connectorId),
      ...(known ?? UNKNOWN_STATUS),
      errorCode: errorCode?.toLowerCase() === 'noerror' ? null : errorCode,
      vendorError: textOf(payload.vendorErrorCode),
      info: textOf(payload.info),
      time: stationTime(textOf(payload.timestamp), receivedAt, 'live'),
    })
    return { answer: {}, durable }
  }

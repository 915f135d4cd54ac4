import type { ConnectorStatus } from '../../../domain/facts.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { stationTime } from '../station-time.ts'
import { textOf, words } from '../tolerant.ts'
import type { V201Context } from './context.ts'
import { wholeOf } from './id-token-info.ts'

const statusOf = words<ConnectorStatus>({
  Available: 'Available',
  Occupied: 'Occupied',
  Reserved: 'Reserved',
  Unavailable: 'Unavailable',
  Faulted: 'Faulted',
})

/** What a vehicle does, the transaction's events tell. An unknown word counts as occupied: a vehicle may be there. */
export const statusNotification =
  ({ submit, log }: V201Context) =>
  ({ station, payload, receivedAt }: StationCall): Reply => {
    const word = textOf(payload.connectorStatus)
    const status = statusOf(word)
    if (!status) log.warn({ station, status: word }, 'an unknown connector status counts as Occupied')
    const { durable } = submit({
      type: 'connector-status',
      station,
      evse: wholeOf(payload.evseId) ?? 0,
      connector: wholeOf(payload.connectorId) ?? 0,
      status: status ?? 'Occupied',
      chargingState: null,
      errorCode: null,
      vendorError: null,
      info: null,
      time: stationTime(textOf(payload.timestamp), receivedAt, 'live'),
    })
    return { answer: {}, durable }
  }

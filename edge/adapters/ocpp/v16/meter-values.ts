import type { Reply, StationCall } from '../rpc/route.ts'
import { samplesOf } from '../sampled-values.ts'
import { addressOf } from './addressing.ts'
import type { V16Context } from './context.ts'
import { transactionOf } from './transaction-id.ts'

/** Values with nothing readable in them are acknowledged, or the station would send them for ever. */
export const meterValues =
  ({ submit, log }: V16Context) =>
  ({ station, payload, receivedAt }: StationCall): Reply => {
    const { samples, unread } = samplesOf(payload.meterValue, receivedAt)
    if (unread.length > 0) log.warn({ station, unread }, 'some meter values could not be read')
    if (samples.length === 0) return { answer: {} }
    const { durable } = submit({
      type: 'meter-values',
      station,
      evse: addressOf(payload.connectorId).evse,
      transaction: transactionOf(payload.transactionId),
      samples,
    })
    return { answer: {}, durable }
  }

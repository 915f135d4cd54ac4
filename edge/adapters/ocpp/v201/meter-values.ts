import type { Reply, StationCall } from '../rpc/route.ts'
import { samplesOf } from '../sampled-values.ts'
import type { V201Context } from './context.ts'
import { wholeOf } from './id-token-info.ts'

/** Values outside of a transaction's events. Those with nothing readable are acknowledged, or they would come for ever. */
export const meterValues =
  ({ submit, log }: V201Context) =>
  ({ station, payload, receivedAt }: StationCall): Reply => {
    const { samples, unread } = samplesOf(payload.meterValue, receivedAt)
    if (unread.length > 0) log.warn({ station, unread }, 'some meter values could not be read')
    if (samples.length === 0) return { answer: {} }
    const evse = wholeOf(payload.evseId) ?? 0
    const { durable } = submit({ type: 'meter-values', station, evse, transaction: null, samples })
    return { answer: {}, durable }
  }

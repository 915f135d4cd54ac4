import { as, type IdToken } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { samplesOf } from '../sampled-values.ts'
import { stationTime } from '../station-time.ts'
import { numberOf, textOf, words } from '../tolerant.ts'
import type { V16Context } from './context.ts'
import { transactionOf } from './transaction-id.ts'

/** OCPP 1.6 reasons in the words of 2.0.1 (ReasonEnumType); those they share stand for themselves. */
const reasonOf = words<string>({
  DeAuthorized: 'DeAuthorized',
  EmergencyStop: 'EmergencyStop',
  EVDisconnected: 'EVDisconnected',
  HardReset: 'ImmediateReset',
  Local: 'Local',
  Other: 'Other',
  PowerLoss: 'PowerLoss',
  Reboot: 'Reboot',
  Remote: 'Remote',
  SoftReset: 'ImmediateReset',
  UnlockCommand: 'Remote',
})

/** A report: the station has stopped, whatever is wrong with the message. Without a reason it was stopped locally. */
export const stopTransaction =
  ({ submit, log }: V16Context) =>
  ({ station, payload, text, receivedAt }: StationCall): Reply => {
    const register = numberOf(payload.meterStop)
    const idTag = textOf(payload.idTag)
    const word = textOf(payload.reason)
    const reason = word === null ? 'Local' : reasonOf(word)
    if (reason === undefined) log.warn({ station, reason: word }, 'an unknown stop reason counts as Other')
    const { samples, unread } = samplesOf(payload.transactionData, receivedAt)
    if (unread.length > 0) log.warn({ station, unread }, 'some transaction data could not be read')
    const { durable } = submit({
      type: 'transaction-ended',
      station,
      transaction: transactionOf(payload.transactionId),
      meterStopWh: register === null || register < 0 ? null : wattHours(register),
      idToken: idTag === null ? null : as<IdToken>(idTag),
      reason: reason ?? 'Other',
      samples,
      time: stationTime(textOf(payload.timestamp), receivedAt, 'report'),
      record: text,
    })
    return { answer: {}, durable }
  }

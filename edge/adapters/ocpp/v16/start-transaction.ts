import { DepotError } from '@busbar/model/depot-error.ts'
import { as, type IdToken } from '@busbar/model/ids.ts'
import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { stationTime } from '../station-time.ts'
import { numberOf, textOf } from '../tolerant.ts'
import { addressOf } from './addressing.ts'
import type { V16Context } from './context.ts'
import { idTagInfo } from './id-tag-info.ts'
import { transactionIdOf } from './transaction-id.ts'

/** A report: the vehicle did start, so every start gets a transaction, whatever is wrong with it. */
export const startTransaction =
  ({ submit }: V16Context) =>
  ({ station, payload, receivedAt }: StationCall): Reply => {
    // 0 is how some stations say that there is none.
    const reservation = numberOf(payload.reservationId) ?? 0
    const { outcome, durable } = submit({
      type: 'transaction-started',
      station,
      ...addressOf(payload.connectorId),
      idToken: as<IdToken>(textOf(payload.idTag) ?? ''),
      // -1 is OCPP's own way to say that there is no register value.
      meterStartWh: wattHours(numberOf(payload.meterStart) ?? -1),
      time: stationTime(textOf(payload.timestamp), receivedAt, 'report'),
      ...(reservation > 0 ? { reservation } : {}),
    })
    const transactionId = transactionIdOf(outcome.transaction)
    if (transactionId === null)
      throw new DepotError('ocpp.transaction-id', `"${outcome.transaction}" is no OCPP 1.6 transaction id`)
    const answer: Answers['StartTransaction'] = {
      transactionId,
      idTagInfo: idTagInfo(outcome),
    }
    return { answer, durable, introduces: outcome.transaction }
  }

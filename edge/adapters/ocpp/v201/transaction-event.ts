import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { ChargingState } from '../../../domain/facts.ts'
import type { TransactionEvent } from '../../../domain/inputs.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { samplesOf } from '../sampled-values.ts'
import { stationTime } from '../station-time.ts'
import { objectsOf, textOf, words } from '../tolerant.ts'
import type { V201Context } from './context.ts'
import { idTokenInfo, placeIn, tokenIn, wholeOf } from './id-token-info.ts'
import { keep } from './kept-report.ts'

const kindOf = words<TransactionEvent['kind']>({ Started: 'Started', Updated: 'Updated', Ended: 'Ended' })
const stateOf = words<ChargingState>({
  Charging: 'Charging',
  EVConnected: 'EVConnected',
  SuspendedEV: 'SuspendedEV',
  SuspendedEVSE: 'SuspendedEVSE',
  Idle: 'Idle',
})
const REASONS = [
  'DeAuthorized',
  'EmergencyStop',
  'EnergyLimitReached',
  'EVDisconnected',
  'GroundFault',
  'ImmediateReset',
  'Local',
  'LocalOutOfCredit',
  'MasterPass',
  'Other',
  'OvercurrentFault',
  'PowerLoss',
  'PowerQuality',
  'Reboot',
  'Remote',
  'SOCLimitReached',
  'StoppedByEV',
  'TimeLimitReached',
  'Timeout',
]
const reasonOf = words<string>(Object.fromEntries(REASONS.map((reason) => [reason, reason])))

/** A report of what has happened: whatever is wrong with it, it is taken as far as it can be understood. */
export const transactionEvent =
  (context: V201Context) =>
  (call: StationCall): Reply => {
    const { station, payload } = call
    const [info = {}] = objectsOf(payload.transactionInfo)
    const name = textOf(info.transactionId)
    if (name === null) return keep(context, call, 'no transaction id')
    const event = eventOf(context, call, name)
    const { outcome, durable } = context.submit({ type: 'transaction-event', ...event })
    if (outcome.transaction === null)
      context.log.info({ station, name, seqNo: event.seqNo }, 'an event waits for one before it')
    const { status } = outcome
    const answer: Answers['TransactionEvent'] =
      status === null ? {} : { idTokenInfo: idTokenInfo({ ...outcome, status }) }
    return { answer, durable }
  }

function eventOf({ log }: V201Context, call: StationCall, name: string): TransactionEvent {
  const { station, payload, receivedAt, text } = call
  const [info = {}] = objectsOf(payload.transactionInfo)
  const { samples, unread } = samplesOf(payload.meterValue, receivedAt)
  if (unread.length > 0) log.warn({ station, unread }, 'some meter values could not be read')
  const word = textOf(payload.eventType)
  const kind = kindOf(word)
  if (!kind) log.warn({ station, eventType: word }, 'an unknown event type counts as Updated')
  const reason = textOf(info.stoppedReason)
  return {
    station,
    name,
    seqNo: wholeOf(payload.seqNo) ?? -1,
    kind: kind ?? 'Updated',
    offline: textOf(payload.offline)?.toLowerCase() === 'true',
    ...placeIn(payload.evse),
    idToken: tokenIn(payload.idToken),
    ...toldOf(payload.reservationId, 'reservation'),
    ...toldOf(info.remoteStartId, 'remoteStart'),
    chargingState: stateOf(textOf(info.chargingState)) ?? null,
    // Without a reason it was stopped locally. @see OCPP 2.0.1 ReasonEnumType
    reason: reason === null ? 'Local' : (reasonOf(reason) ?? 'Other'),
    samples,
    time: stationTime(textOf(payload.timestamp), receivedAt, 'report'),
    record: text,
  }
}

/** Left out where the station leaves it out. */
const toldOf = <K extends string>(value: unknown, name: K): Partial<Record<K, number>> => {
  const number = wholeOf(value)
  return (number === null ? {} : { [name]: number }) as Partial<Record<K, number>>
}

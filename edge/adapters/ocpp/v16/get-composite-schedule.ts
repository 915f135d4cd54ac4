import { amps, watts } from '@busbar/units/electricity.ts'
import type { StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { ChargingLimit } from '../../../domain/limit.ts'
import type { Payload } from '../rpc/frame.ts'
import { numberOf, objectsOf, plainWord, textOf } from '../tolerant.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request, statusAnswer } from './request.ts'

/** Long enough for any station to answer with a period, short enough to be about the present. */
const DURATION_S = 60

export const getComposite = ({
  evse,
  unit,
}: Extract<StationCommand, { kind: 'get-composite-limit' }>): Request =>
  request(
    'GetCompositeSchedule',
    { connectorId: connectorIdOf(evse), duration: DURATION_S, chargingRateUnit: unit },
    readAnswer,
  )

/** The highest limit of the minute to come; an answer without a readable schedule tells nothing. */
function readAnswer(answer: Payload): StationAnswer {
  const status = statusAnswer('Accepted')(answer)
  if (status.status !== 'accepted') return status
  const [schedule] = objectsOf(answer.chargingSchedule)
  const unit = plainWord(textOf(schedule?.chargingRateUnit) ?? '')
  const limits = objectsOf(schedule?.chargingSchedulePeriod).map(({ limit }) => numberOf(limit))
  const known = limits.filter((limit) => limit !== null && limit >= 0).map(Number)
  if (known.length === 0 || known.length < limits.length || (unit !== 'a' && unit !== 'w')) return status
  const most = Math.max(...known)
  const limit: ChargingLimit = unit === 'a' ? { limit_a: amps(most) } : { limit_w: watts(most) }
  return { status: 'accepted', limit }
}

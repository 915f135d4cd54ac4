import { amps, watts } from '@busbar/units/electricity.ts'
import { type CompositeSchedule, highestOf } from '../../../domain/charging-profile.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { ChargingLimit } from '../../../domain/limit.ts'
import type { Payload } from '../rpc/frame.ts'
import { parseStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { numberOf, objectsOf, plainWord, textOf } from '../tolerant.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

/** Long enough for any station to answer with a period, short enough to be about the present. */
const DURATION_S = 60

/** The highest limit of the minute to come. */
export const getComposite = ({ evse, unit }: CommandOf<'get-composite-limit'>): Request =>
  request(
    'GetCompositeSchedule',
    { connectorId: connectorIdOf(evse), duration: DURATION_S, chargingRateUnit: unit },
    (answer) => {
      const status = statusAnswer('Accepted')(answer)
      const schedule = scheduleIn(answer, evse)
      const most = schedule === null ? null : highestOf(schedule)
      if (status.status !== 'accepted' || schedule === null || most === null) return status
      const limit: ChargingLimit = schedule.unit === 'A' ? { limit_a: amps(most) } : { limit_w: watts(most) }
      return { status: 'accepted', limit }
    },
  )

export const getCompositeSchedule = ({
  evse,
  durationS,
  unit,
}: CommandOf<'get-composite-schedule'>): Request =>
  request(
    'GetCompositeSchedule',
    {
      connectorId: evse === 0 ? 0 : connectorIdOf(evse),
      duration: durationS,
      ...(unit === null ? {} : { chargingRateUnit: unit }),
    },
    (answer): StationAnswer => {
      const status = statusAnswer('Accepted')(answer)
      const schedule = scheduleIn(answer, evse)
      return status.status !== 'accepted' || schedule === null ? status : { status: 'accepted', schedule }
    },
  )

/** The schedule of an answer; null when it has none, or one whose unit or limits cannot be read. */
function scheduleIn(answer: Payload, evse: number): CompositeSchedule | null {
  const [schedule] = objectsOf(answer.chargingSchedule)
  const unit = plainWord(textOf(schedule?.chargingRateUnit) ?? '')
  const periods = objectsOf(schedule?.chargingSchedulePeriod).map((period) => ({
    startS: numberOf(period.startPeriod) ?? 0,
    limit: numberOf(period.limit),
    phases: numberOf(period.numberPhases),
  }))
  const read = periods.flatMap(({ limit, ...rest }) =>
    limit === null || limit < 0 ? [] : [{ ...rest, limit }],
  )
  if (read.length === 0 || read.length < periods.length || (unit !== 'a' && unit !== 'w')) return null
  const startsAt = textOf(schedule?.startSchedule) ?? textOf(answer.scheduleStart)
  return {
    evse,
    unit: unit === 'a' ? 'A' : 'W',
    startsAt: startsAt === null ? null : parseStationTime(startsAt),
    durationS: numberOf(schedule?.duration),
    periods: read,
  }
}

import { amps, watts } from '@busbar/units/electricity.ts'
import { type CompositeSchedule, highestOf } from '../../domain/charging-profile.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { Payload } from './rpc/frame.ts'
import { parseStationTime } from './station-time.ts'
import { statusAnswer } from './status-answer.ts'
import { numberOf, objectsOf, plainWord, textOf } from './tolerant.ts'

/** Long enough for any station to answer with a period, short enough to be about the present. */
export const PRESENT_S = 60

/** Where a version has the schedule in its answer, and the time that it starts at. */
export interface ToldSchedule {
  readonly schedule: unknown
  readonly startsAt: unknown
}

/** The highest limit of a schedule; an answer without a readable one tells nothing. */
export function limitAnswer(answer: Payload, of: { evse: number; told: ToldSchedule }): StationAnswer {
  const told = scheduleAnswer(answer, of)
  if (told.status !== 'accepted' || told.schedule === undefined) return told
  const most = highestOf(told.schedule)
  if (most === null) return { status: 'accepted' }
  const limit = told.schedule.unit === 'A' ? { limit_a: amps(most) } : { limit_w: watts(most) }
  return { status: 'accepted', limit }
}

/** The schedule itself. */
export function scheduleAnswer(answer: Payload, of: { evse: number; told: ToldSchedule }): StationAnswer {
  const status = statusAnswer('Accepted')(answer)
  const schedule = scheduleIn(of.told, of.evse)
  return status.status !== 'accepted' || schedule === null ? status : { status: 'accepted', schedule }
}

/** Null when there is none, or one whose unit or limits cannot be read. */
function scheduleIn(told: ToldSchedule, evse: number): CompositeSchedule | null {
  const [schedule] = objectsOf(told.schedule)
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
  const startsAt = textOf(told.startsAt)
  return {
    evse,
    unit: unit === 'a' ? 'A' : 'W',
    startsAt: startsAt === null ? null : parseStationTime(startsAt),
    durationS: numberOf(schedule?.duration),
    periods: read,
  }
}

import { limitAnswer, PRESENT_S, scheduleAnswer, type ToldSchedule } from '../composite-answer.ts'
import type { Payload } from '../rpc/frame.ts'
import type { CommandOf } from '../status-answer.ts'
import { objectsOf } from '../tolerant.ts'
import { type Request, request, type Speech } from './request.ts'

/** The highest limit of the minute to come. */
export const getComposite = ({ evse, unit }: CommandOf<'get-composite-limit'>, speech: Speech): Request =>
  request(
    speech,
    'GetCompositeSchedule',
    { evseId: evse, duration: PRESENT_S, chargingRateUnit: unit },
    (answer) => limitAnswer(answer, { evse, told: toldIn(answer) }),
  )

export const getCompositeSchedule = (
  { evse, durationS, unit }: CommandOf<'get-composite-schedule'>,
  speech: Speech,
): Request =>
  request(
    speech,
    'GetCompositeSchedule',
    { evseId: evse, duration: durationS, ...(unit === null ? {} : { chargingRateUnit: unit }) },
    (answer) => scheduleAnswer(answer, { evse, told: toldIn(answer) }),
  )

const toldIn = ({ schedule }: Payload): ToldSchedule => ({
  schedule,
  startsAt: objectsOf(schedule)[0]?.scheduleStart,
})

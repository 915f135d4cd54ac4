import { limitAnswer, PRESENT_S, scheduleAnswer, type ToldSchedule } from '../composite-answer.ts'
import type { Payload } from '../rpc/frame.ts'
import type { CommandOf } from '../status-answer.ts'
import { objectsOf, textOf } from '../tolerant.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

/** The highest limit of the minute to come. */
export const getComposite = ({ evse, unit }: CommandOf<'get-composite-limit'>): Request =>
  request(
    'GetCompositeSchedule',
    { connectorId: connectorIdOf(evse), duration: PRESENT_S, chargingRateUnit: unit },
    (answer) => limitAnswer(answer, { evse, told: toldIn(answer) }),
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
    (answer) => scheduleAnswer(answer, { evse, told: toldIn(answer) }),
  )

/** The start stands in the schedule, or beside it. */
const toldIn = (answer: Payload): ToldSchedule => ({
  schedule: answer.chargingSchedule,
  startsAt: textOf(objectsOf(answer.chargingSchedule)[0]?.startSchedule) ?? answer.scheduleStart,
})

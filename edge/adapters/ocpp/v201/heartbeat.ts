import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply } from '../rpc/route.ts'
import { toStationTime } from '../station-time.ts'
import type { V201Context } from './context.ts'

/** The time, and nothing else. */
export const heartbeat =
  ({ clock }: V201Context) =>
  (): Reply => {
    const answer: Answers['Heartbeat'] = { currentTime: toStationTime(clock.now()) }
    return { answer }
  }

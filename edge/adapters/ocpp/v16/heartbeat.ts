import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { Reply } from '../rpc/route.ts'
import { toStationTime } from '../station-time.ts'
import type { V16Context } from './context.ts'

/** The time, and nothing else. */
export const heartbeat =
  ({ clock }: V16Context) =>
  (): Reply => {
    const answer: Answers['Heartbeat'] = { currentTime: toStationTime(clock.now()) }
    return { answer }
  }

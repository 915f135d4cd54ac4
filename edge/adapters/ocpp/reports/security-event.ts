import { flagsOf, reportText } from '../report-text.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { stationTime } from '../station-time.ts'
import { textOf } from '../tolerant.ts'
import type { ToldTo } from './told-to.ts'

/** A report that may come from a queue; its answer lets the station forget it. @see OCPP 2.0.1 A04 */
export const securityEvent =
  ({ submit }: ToldTo) =>
  ({ station, payload, receivedAt }: StationCall): Reply => {
    const event = reportText('type', textOf(payload.type))
    const said = textOf(payload.techInfo)
    const info = said === null ? null : reportText('info', said)
    const time = stationTime(textOf(payload.timestamp), receivedAt, 'report')
    const odd = time.clock === 'synced' ? null : 'the time of receipt is used'
    const { durable } = submit({
      type: 'security-event',
      station,
      event: event.text,
      info: info?.text ?? null,
      time,
      flag: flagsOf(event.flag, info?.flag ?? null, odd),
    })
    return { answer: {}, durable }
  }

import { textWithoutSecrets } from '../redact.ts'
import { flagsOf } from '../report-text.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V201Context } from './context.ts'
import { wholeOf } from './id-token-info.ts'
import { variablesIn } from './told-variables.ts'

/** Characters of a report that are kept; it still fits a record that the cloud takes. */
const LONGEST = 30_000

/** Keeps a report whole as a fact, with what is odd about it. Nothing follows from it here. */
export function keep(
  { submit }: Pick<V201Context, 'submit'>,
  { station, action, payload }: StationCall,
  flag: string | null,
): Reply {
  const content = textWithoutSecrets(JSON.stringify(payload), action)
  const cut = content.length > LONGEST ? `only its first ${LONGEST} characters are kept` : null
  const { durable } = submit({
    type: 'station-report',
    station,
    message: action,
    request: wholeOf(payload.requestId),
    part: wholeOf(payload.seqNo),
    more: payload.tbc === true,
    content: content.slice(0, LONGEST),
    flag: flagsOf(flag, cut),
  })
  return { answer: {}, durable }
}

/** The handler of a report that needs these members to be understood; without one it is kept and flagged. */
export const keptReport =
  (context: V201Context, answer: object, ...needed: readonly string[]) =>
  (call: StationCall): Reply => {
    const absent = needed.filter((member) => (call.payload[member] ?? null) === null)
    const flag = absent.length === 0 ? null : `no ${absent.join(', ')}`
    return { ...keep(context, call, flag), answer }
  }

/** A part of a report of variables is kept word for word, and read into the device model. */
export const variableReport =
  (context: V201Context, action: 'NotifyReport' | 'NotifyMonitoringReport') =>
  (call: StationCall): Reply => {
    const kept = keptReport(context, {}, 'requestId', 'seqNo', 'generatedAt')(call)
    const told = variablesIn(action, call.payload)
    const { durable } = context.submit({ type: 'variables-told', station: call.station, ...told })
    const both = Promise.all([kept.durable, durable]).then(() => undefined)
    return { ...kept, durable: both }
  }

import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import { dataTransfer, type Vendors } from '../data-transfer.ts'
import { firmwareStatus } from '../reports/firmware-status.ts'
import { logStatus } from '../reports/log-status.ts'
import { securityEvent } from '../reports/security-event.ts'
import { asking, textsIn } from '../rpc/asking.ts'
import type { Route } from '../rpc/route.ts'
import { authorize } from './authorize.ts'
import { bootNotification } from './boot-notification.ts'
import type { V201Context } from './context.ts'
import { get15118EVCertificate, getCertificateStatus } from './contract-certificates.ts'
import { pullDynamicSchedule } from './dynamic-schedule.ts'
import { heartbeat } from './heartbeat.ts'
import { lackOfToken } from './id-token-info.ts'
import { keptReport, variableReport } from './kept-report.ts'
import { meterValues } from './meter-values.ts'
import { reservationStatus } from './reservation-status.ts'
import { signCertificate } from './sign-certificate.ts'
import { statusNotification } from './status-notification.ts'
import { transactionEvent } from './transaction-event.ts'

/** The balancer's limits are what follows; no schedule is promised. @see OCPP 2.0.1 K15 */
const NEEDS: Answers['NotifyEVChargingNeeds'] = { status: 'Processing' }
const SCHEDULE: Answers['NotifyEVChargingSchedule'] = { status: 'Accepted' }

/** What 1.6 packs into data transfers has messages of its own here. */
const VENDORS: Vendors = new Map()

/** Every message a station may send, and whether its answer lets the station forget. */
export const routes = (context: V201Context): ReadonlyMap<string, Route> => {
  const kept = (answer: object, ...needed: readonly string[]): Route => ({
    receipt: true,
    handle: keptReport(context, answer, ...needed),
  })
  return new Map<string, Route>([
    ['Authorize', { receipt: false, handle: asking(lackOfToken, authorize(context)) }],
    ['BootNotification', { receipt: false, handle: bootNotification(context) }],
    ['ClearedChargingLimit', kept({}, 'chargingLimitSource')],
    [
      'DataTransfer',
      { receipt: false, handle: asking(textsIn('vendorId'), dataTransfer(VENDORS, context.log)) },
    ],
    ['FirmwareStatusNotification', { receipt: false, handle: firmwareStatus(context) }],
    ['Get15118EVCertificate', { receipt: false, handle: get15118EVCertificate(context) }],
    ['GetCertificateStatus', { receipt: false, handle: getCertificateStatus(context) }],
    ['Heartbeat', { receipt: false, handle: heartbeat(context) }],
    ['LogStatusNotification', { receipt: false, handle: logStatus(context) }],
    ['MeterValues', { receipt: true, handle: meterValues(context) }],
    ['NotifyChargingLimit', kept({}, 'chargingLimit')],
    ['NotifyCustomerInformation', kept({}, 'requestId', 'seqNo', 'data', 'generatedAt')],
    ['NotifyDisplayMessages', kept({}, 'requestId')],
    ['NotifyEVChargingNeeds', kept(NEEDS, 'evseId', 'chargingNeeds')],
    ['NotifyEVChargingSchedule', kept(SCHEDULE, 'evseId', 'timeBase', 'chargingSchedule')],
    ['NotifyEvent', kept({}, 'generatedAt', 'seqNo', 'eventData')],
    ['NotifyMonitoringReport', { receipt: true, handle: variableReport(context, 'NotifyMonitoringReport') }],
    ['NotifyReport', { receipt: true, handle: variableReport(context, 'NotifyReport') }],
    ['PublishFirmwareStatusNotification', kept({}, 'status')],
    ['ReportChargingProfiles', kept({}, 'requestId', 'chargingLimitSource', 'evseId', 'chargingProfile')],
    ['ReservationStatusUpdate', { receipt: true, handle: reservationStatus(context) }],
    ['SecurityEventNotification', { receipt: true, handle: securityEvent(context) }],
    ['SignCertificate', { receipt: false, handle: asking(textsIn('csr'), signCertificate(context)) }],
    ['StatusNotification', { receipt: false, handle: statusNotification(context) }],
    ['TransactionEvent', { receipt: true, handle: transactionEvent(context) }],
  ])
}

/** Event streams are not taken: values come with MeterValues and NotifyEvent. @see OCPP 2.1 N14 */
const NO_STREAM = { status: 'Rejected' }

/** What OCPP 2.1 adds of what we take. */
export const routes21 = (context: V201Context): ReadonlyMap<string, Route> =>
  new Map<string, Route>([
    ...routes(context),
    ['ClosePeriodicEventStream', { receipt: false, handle: () => ({ answer: {} }) }],
    ['NotifyPeriodicEventStream', { receipt: true, handle: keptReport(context, {}, 'id', 'data') }],
    ['OpenPeriodicEventStream', { receipt: false, handle: () => ({ answer: NO_STREAM }) }],
    ['PullDynamicScheduleUpdate', { receipt: false, handle: pullDynamicSchedule(context) }],
  ])

import type { Route } from '../rpc/route.ts'
import { acknowledge } from './acknowledge.ts'
import { authorize } from './authorize.ts'
import { bootNotification } from './boot-notification.ts'
import type { V16Context } from './context.ts'
import { dataTransfer } from './data-transfer.ts'
import { heartbeat } from './heartbeat.ts'
import { meterValues } from './meter-values.ts'
import { startTransaction } from './start-transaction.ts'
import { statusNotification } from './status-notification.ts'
import { stopTransaction } from './stop-transaction.ts'

/** Every message a station may send, and whether its answer lets the station forget. */
export const routes = (context: V16Context): ReadonlyMap<string, Route> =>
  new Map<string, Route>([
    ['Authorize', { receipt: false, handle: authorize(context) }],
    ['BootNotification', { receipt: false, handle: bootNotification(context) }],
    ['DataTransfer', { receipt: false, handle: dataTransfer }],
    ['DiagnosticsStatusNotification', { receipt: false, handle: acknowledge(context) }],
    ['FirmwareStatusNotification', { receipt: false, handle: acknowledge(context) }],
    ['Heartbeat', { receipt: false, handle: heartbeat(context) }],
    ['MeterValues', { receipt: true, handle: meterValues(context) }],
    ['SecurityEventNotification', { receipt: true, handle: acknowledge(context) }],
    ['StartTransaction', { receipt: true, handle: startTransaction(context) }],
    ['StatusNotification', { receipt: false, handle: statusNotification(context) }],
    ['StopTransaction', { receipt: true, handle: stopTransaction(context) }],
  ])

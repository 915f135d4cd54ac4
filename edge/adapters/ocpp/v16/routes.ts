import { dataTransfer } from '../data-transfer.ts'
import { plugAndCharge } from '../plug-and-charge.ts'
import { firmwareStatus } from '../reports/firmware-status.ts'
import { logStatus } from '../reports/log-status.ts'
import { securityEvent } from '../reports/security-event.ts'
import { asking, textsIn } from '../rpc/asking.ts'
import type { Route } from '../rpc/route.ts'
import { authorize } from './authorize.ts'
import { bootNotification } from './boot-notification.ts'
import type { V16Context } from './context.ts'
import { diagnosticsStatusNotification } from './diagnostics-status.ts'
import { heartbeat } from './heartbeat.ts'
import { meterValues } from './meter-values.ts'
import { signCertificate } from './sign-certificate.ts'
import { startTransaction } from './start-transaction.ts'
import { statusNotification } from './status-notification.ts'
import { stopTransaction } from './stop-transaction.ts'

/** Every message a station may send, and whether its answer lets the station forget. */
export const routes = (context: V16Context): ReadonlyMap<string, Route> =>
  new Map<string, Route>([
    ['Authorize', { receipt: false, handle: asking(textsIn('idTag'), authorize(context)) }],
    ['BootNotification', { receipt: false, handle: bootNotification(context) }],
    [
      'DataTransfer',
      {
        receipt: false,
        handle: asking(textsIn('vendorId'), dataTransfer(plugAndCharge(context), context.log)),
      },
    ],
    ['DiagnosticsStatusNotification', { receipt: false, handle: diagnosticsStatusNotification(context) }],
    ['FirmwareStatusNotification', { receipt: false, handle: firmwareStatus(context) }],
    ['Heartbeat', { receipt: false, handle: heartbeat(context) }],
    ['LogStatusNotification', { receipt: false, handle: logStatus(context) }],
    ['MeterValues', { receipt: true, handle: meterValues(context) }],
    ['SecurityEventNotification', { receipt: true, handle: securityEvent(context) }],
    ['SignCertificate', { receipt: false, handle: asking(textsIn('csr'), signCertificate(context)) }],
    ['SignedFirmwareStatusNotification', { receipt: false, handle: firmwareStatus(context) }],
    ['StartTransaction', { receipt: true, handle: startTransaction(context) }],
    ['StatusNotification', { receipt: false, handle: statusNotification(context) }],
    ['StopTransaction', { receipt: true, handle: stopTransaction(context) }],
  ])

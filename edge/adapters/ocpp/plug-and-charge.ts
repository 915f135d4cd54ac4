import type { VendorMessage, VendorMessages, Vendors } from './data-transfer.ts'
import type { V16Context } from './v16/context.ts'
import { authorize } from './v201/authorize.ts'
import { get15118EVCertificate, getCertificateStatus } from './v201/contract-certificates.ts'
import { signCertificate } from './v201/sign-certificate.ts'

/**
 * Messages of OCPP 2.0.1 that stations of 1.6 pack into data transfers, so that vehicles can charge by contract. The
 * second name is that of an older set of stations. @see Using ISO 15118 Plug & Charge with OCPP 1.6, OCA
 */
export function plugAndCharge(context: V16Context): Vendors {
  const messages: VendorMessages = new Map<string, VendorMessage>([
    ['Authorize', authorize(context)],
    ['Get15118EVCertificate', get15118EVCertificate(context)],
    ['GetCertificateStatus', getCertificateStatus(context)],
    ['SignCertificate', signCertificate(context)],
  ])
  return new Map([
    ['org.openchargealliance.iso15118pnc', messages],
    ['iso15118', messages],
  ])
}

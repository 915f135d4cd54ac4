import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply } from '../rpc/route.ts'

const NO_SERVICE = {
  reasonCode: 'NoService',
  additionalInfo: 'This depot has no service for contract certificates',
}

/** @see OCPP 2.0.1 M01, M02 */
export const get15118EVCertificate = (): Reply => {
  const answer: Answers['Get15118EVCertificate'] = {
    status: 'Failed',
    statusInfo: NO_SERVICE,
    exiResponse: '',
  }
  return { answer }
}

/** @see OCPP 2.0.1 M06 */
export const getCertificateStatus = (): Reply => {
  const answer: Answers['GetCertificateStatus'] = { status: 'Failed', statusInfo: NO_SERVICE }
  return { answer }
}

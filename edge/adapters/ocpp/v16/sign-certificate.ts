import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { textOf } from '../tolerant.ts'
import type { V16Context } from './context.ts'

/** The certificate itself follows later, with CertificateSigned. */
export const signCertificate =
  ({ submit }: V16Context) =>
  ({ station, payload }: StationCall): Reply => {
    const csr = textOf(payload.csr) ?? ''
    const { outcome, durable } = submit({
      type: 'certificate-requested',
      station,
      csr,
      use: 'ChargingStationCertificate',
    })
    const answer: Answers['SignCertificate'] = { status: outcome.status }
    return { answer, durable }
  }

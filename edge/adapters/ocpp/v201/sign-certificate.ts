import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { textOf, words } from '../tolerant.ts'
import type { V201Context } from './context.ts'

const useOf = words({
  ChargingStationCertificate: 'ChargingStationCertificate',
  V2GCertificate: 'V2GCertificate',
} as const)

/** The certificate itself follows later, with CertificateSigned. @see OCPP 2.0.1 A02, A03 */
export const signCertificate =
  ({ submit }: Pick<V201Context, 'submit'>) =>
  ({ station, payload }: StationCall): Reply => {
    const { outcome, durable } = submit({
      type: 'certificate-requested',
      station,
      csr: textOf(payload.csr) ?? '',
      use: useOf(textOf(payload.certificateType)) ?? 'ChargingStationCertificate',
    })
    const answer: Answers['SignCertificate'] = { status: outcome.status }
    return { answer, durable }
  }

import type { CertificateHash } from '../../../domain/certificates.ts'
import type { Payload } from '../rpc/frame.ts'
import { type CommandOf, detailedAnswer, statusAnswer } from '../status-answer.ts'
import { objectsOf, textOf, words } from '../tolerant.ts'
import { type Request, request, type Speech } from './request.ts'

const algorithmOf = words({ SHA256: 'SHA256', SHA384: 'SHA384', SHA512: 'SHA512' } as const)

/** @see OCPP 2.0.1 M05 */
export function installCertificate(
  { use, certificate }: CommandOf<'install-certificate'>,
  speech: Speech,
): Request {
  if (use === 'V2GCertificateChain') return { refused: 'a station asks for its V2G chain itself' }
  return request(
    speech,
    'InstallCertificate',
    { certificateType: use, certificate },
    statusAnswer('Accepted'),
  )
}

/** @see OCPP 2.0.1 M04 */
export const deleteCertificate = (
  { certificate }: CommandOf<'delete-certificate'>,
  speech: Speech,
): Request =>
  request(
    speech,
    'DeleteCertificate',
    {
      certificateHashData: {
        hashAlgorithm: certificate.algorithm,
        issuerNameHash: certificate.issuerNameHash,
        issuerKeyHash: certificate.issuerKeyHash,
        serialNumber: certificate.serialNumber,
      },
    },
    statusAnswer('Accepted'),
  )

/** `NotFound` is an answer like any other: there is none. @see OCPP 2.0.1 M03 */
export const getCertificates = ({ uses }: CommandOf<'get-certificates'>, speech: Speech): Request =>
  request(
    speech,
    'GetInstalledCertificateIds',
    uses.length === 0 ? {} : { certificateType: uses },
    detailedAnswer(['Accepted', 'NotFound'], (answer) => ({
      certificates: objectsOf(answer.certificateHashDataChain).flatMap((chain) => [
        ...objectsOf(chain.certificateHashData).flatMap(hashOf),
        ...objectsOf(chain.childCertificateHashData).flatMap(hashOf),
      ]),
    })),
  )

/** @see OCPP 2.0.1 A02 */
export const certificateSigned = ({ chain }: CommandOf<'certificate-signed'>, speech: Speech): Request =>
  request(speech, 'CertificateSigned', { certificateChain: chain }, statusAnswer('Accepted'))

function hashOf(data: Payload): CertificateHash[] {
  const algorithm = algorithmOf(textOf(data.hashAlgorithm))
  const issuerNameHash = textOf(data.issuerNameHash)
  const issuerKeyHash = textOf(data.issuerKeyHash)
  const serialNumber = textOf(data.serialNumber)
  if (!algorithm || issuerNameHash === null || issuerKeyHash === null || serialNumber === null) return []
  return [{ algorithm, issuerNameHash, issuerKeyHash, serialNumber }]
}

import type { CertificateHash, CertificateUse } from '../../../domain/certificates.ts'
import type { Payload } from '../rpc/frame.ts'
import { type CommandOf, detailedAnswer, statusAnswer } from '../status-answer.ts'
import { objectsOf, textOf, words } from '../tolerant.ts'
import { type Request, request } from './request.ts'

/** OCPP 1.6 knows two of the five uses, one of them by its old name. */
const USES = {
  CSMSRootCertificate: 'CentralSystemRootCertificate',
  ManufacturerRootCertificate: 'ManufacturerRootCertificate',
} as const
const useOf = (use: CertificateUse) => new Map(Object.entries(USES)).get(use)

const algorithmOf = words({ SHA256: 'SHA256', SHA384: 'SHA384', SHA512: 'SHA512' } as const)

export function installCertificate({ use, certificate }: CommandOf<'install-certificate'>): Request {
  const certificateType = useOf(use)
  if (certificateType === undefined) return { refused: `OCPP 1.6 has no ${use}` }
  return request('InstallCertificate', { certificateType, certificate }, statusAnswer('Accepted'))
}

export const deleteCertificate = ({ certificate }: CommandOf<'delete-certificate'>): Request =>
  request(
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

/** `NotFound` is an answer like any other: there is none. */
export function getCertificates({ uses }: CommandOf<'get-certificates'>): Request {
  const [use, ...more] = uses
  const certificateType = use === undefined || more.length > 0 ? undefined : useOf(use)
  if (certificateType === undefined)
    return { refused: 'OCPP 1.6 lists the roots of CSMS or manufacturer, one at a time' }
  return request(
    'GetInstalledCertificateIds',
    { certificateType },
    detailedAnswer(['Accepted', 'NotFound'], (answer) => ({
      certificates: objectsOf(answer.certificateHashData).flatMap(hashOf),
    })),
  )
}

export const certificateSigned = ({ chain }: CommandOf<'certificate-signed'>): Request =>
  request('CertificateSigned', { certificateChain: chain }, statusAnswer('Accepted'))

function hashOf(data: Payload): CertificateHash[] {
  const algorithm = algorithmOf(textOf(data.hashAlgorithm))
  const issuerNameHash = textOf(data.issuerNameHash)
  const issuerKeyHash = textOf(data.issuerKeyHash)
  const serialNumber = textOf(data.serialNumber)
  if (!algorithm || issuerNameHash === null || issuerKeyHash === null || serialNumber === null) return []
  return [{ algorithm, issuerNameHash, issuerKeyHash, serialNumber }]
}

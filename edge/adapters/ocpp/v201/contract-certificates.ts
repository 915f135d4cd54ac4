import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type {
  CertificateToCheck,
  ContractStatus,
  NoAnswer,
} from '../../../domain/ports/contract-certificates.ts'
import type { Payload } from '../rpc/frame.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { objectsOf, textOf, words } from '../tolerant.ts'
import type { V201Context } from './context.ts'

type Context = Pick<V201Context, 'contracts' | 'log'>

const NO_SERVICE = {
  reasonCode: 'NoService',
  additionalInfo: 'This depot has no service for contract certificates',
}
const noAnswer = ({ failed }: NoAnswer) => ({
  reasonCode: 'ServiceFailed',
  additionalInfo: `The service for contract certificates gave no answer: ${failed}`,
})
const MISSING = { reasonCode: 'MissingParam', additionalInfo: 'The request is not whole' }

const actionOf = words({ Install: 'Install', Update: 'Update' } as const)
const algorithmOf = words({ SHA256: 'SHA256', SHA384: 'SHA384', SHA512: 'SHA512' } as const)
/** Longest chain that the standard lets a station send. */
const LONGEST_CHAIN = 10_000

/** @see OCPP 2.0.1 OCSPRequestDataType */
function certificateIn(data: Payload): CertificateToCheck[] {
  const algorithm = algorithmOf(textOf(data.hashAlgorithm))
  const issuerNameHash = textOf(data.issuerNameHash)
  const issuerKeyHash = textOf(data.issuerKeyHash)
  const serialNumber = textOf(data.serialNumber)
  if (!algorithm || issuerNameHash === null || issuerKeyHash === null || serialNumber === null) return []
  const responderUrl = textOf(data.responderURL) ?? ''
  return [{ algorithm, issuerNameHash, issuerKeyHash, serialNumber, responderUrl }]
}

/** Passed on as it is: only the vehicle and the service can read it. @see OCPP 2.0.1 M01, M02 */
export const get15118EVCertificate =
  ({ contracts, log }: Context) =>
  async ({ station, payload }: StationCall): Promise<Reply> => {
    const failed = (statusInfo: object): Reply => ({
      answer: { status: 'Failed', statusInfo, exiResponse: '' },
    })
    if (contracts === null) return failed(NO_SERVICE)
    const action = actionOf(textOf(payload.action))
    const exiRequest = textOf(payload.exiRequest)
    if (!action || exiRequest === null) return failed(MISSING)
    const schemaVersion = textOf(payload.iso15118SchemaVersion) ?? ''
    const said = await contracts.vehicleCertificate({ action, schemaVersion, exiRequest })
    if ('failed' in said) {
      log.warn({ station, failed: said.failed }, 'a vehicle got no contract certificate')
      return failed(noAnswer(said))
    }
    const answer: Answers['Get15118EVCertificate'] = { ...said }
    return { answer }
  }

/** @see OCPP 2.0.1 M06 */
export const getCertificateStatus =
  ({ contracts, log }: Context) =>
  async ({ station, payload }: StationCall): Promise<Reply> => {
    const failed = (statusInfo: object): Reply => ({ answer: { status: 'Failed', statusInfo } })
    if (contracts === null) return failed(NO_SERVICE)
    const [certificate] = objectsOf(payload.ocspRequestData).flatMap(certificateIn)
    if (certificate === undefined) return failed(MISSING)
    const said = await contracts.certificateStatus(certificate)
    if ('failed' in said) {
      log.warn({ station, failed: said.failed }, 'the status of a certificate is not known')
      return failed(noAnswer(said))
    }
    const answer: Answers['GetCertificateStatus'] = { status: 'Accepted', ocspResult: said.ocspResult }
    return { answer }
  }

/** What the service says of the contract that comes with a token; null: none comes with it. @see OCPP 2.0.1 C07 */
export async function contractStatusOf(
  { contracts, log }: Context,
  { station, payload }: StationCall,
  idToken: string,
): Promise<ContractStatus | null> {
  const hashes = payload.iso15118CertificateHashData
  const chain = textOf(payload.certificate)?.slice(0, LONGEST_CHAIN) ?? null
  if (chain === null && hashes === undefined) return null
  const certificates = objectsOf(hashes).flatMap(certificateIn)
  if (contracts === null) {
    log.warn({ station }, 'a contract certificate was not accepted: there is no service to check it with')
    return 'NoCertificateAvailable'
  }
  if (chain === null && certificates.length === 0) return 'CertChainError'
  const said = await contracts.contractStatus({ idToken, chain, certificates })
  if ('status' in said) return said.status
  log.warn({ station, failed: said.failed }, 'a contract certificate was not accepted: nobody checked it')
  return 'NoCertificateAvailable'
}

import { Buffer } from 'node:buffer'
import type { Clock } from '@busbar/model/clock.ts'
import type { Duration } from '@busbar/units/time.ts'
import type {
  CertificateToCheck,
  ContractCertificates,
  ContractStatus,
  NoAnswer,
} from '../../domain/ports/contract-certificates.ts'

export interface ServiceAddress {
  readonly url: string
  readonly secret: string | null
  /** Longest wait for one answer. */
  readonly limit: Duration
}

/** Longest answer that is read: twice what a station could take. */
const LONGEST = 16 * 1024
/** What OCPP 2.0.1 lets us pass on. */
const LONGEST_EXI = 5600
const LONGEST_OCSP = 5500
const STATUSES: ReadonlySet<string> = new Set<ContractStatus>([
  'Accepted',
  'SignatureError',
  'CertificateExpired',
  'CertificateRevoked',
  'NoCertificateAvailable',
  'CertChainError',
  'ContractCancelled',
])
const BAD: NoAnswer = { failed: 'bad-answer' }

type Answer = Readonly<Record<string, unknown>>
const isNone = (answer: Answer | NoAnswer): answer is NoAnswer => 'failed' in answer
const isStatus = (status: unknown): status is ContractStatus =>
  typeof status === 'string' && STATUSES.has(status)
const within = (text: unknown, longest: number): text is string =>
  typeof text === 'string' && text.length <= longest

/** The service over HTTP. */
export function httpContractCertificates(address: ServiceAddress, clock: Clock): ContractCertificates {
  const ask = (path: string, question: object) => post(`${address.url}${path}`, question, { address, clock })
  return {
    async vehicleCertificate({ action, schemaVersion, exiRequest }) {
      const question = { action, schema_version: schemaVersion, exi_request: exiRequest }
      const answer = await ask('/vehicle-certificate', question)
      if (isNone(answer)) return answer
      const { status, exi_response: exiResponse } = answer
      if (!within(exiResponse, LONGEST_EXI)) return BAD
      return status === 'Accepted' || status === 'Failed' ? { status, exiResponse } : BAD
    },
    async certificateStatus(certificate) {
      const answer = await ask('/certificate-status', onTheWire(certificate))
      if (isNone(answer)) return answer
      const { ocsp_result: ocspResult } = answer
      return within(ocspResult, LONGEST_OCSP) && ocspResult !== '' ? { ocspResult } : BAD
    },
    async contractStatus({ idToken, chain, certificates }) {
      const question = {
        id_token: idToken,
        certificate_chain: chain,
        certificates: certificates.map(onTheWire),
      }
      const answer = await ask('/contract-status', question)
      if (isNone(answer)) return answer
      return isStatus(answer.status) ? { status: answer.status } : BAD
    },
  }
}

const onTheWire = (certificate: CertificateToCheck) => ({
  hash_algorithm: certificate.algorithm,
  issuer_name_hash: certificate.issuerNameHash,
  issuer_key_hash: certificate.issuerKeyHash,
  serial_number: certificate.serialNumber,
  responder_url: certificate.responderUrl,
})

/** Ends at the limit whatever the service does, the reading of a slow answer included. */
async function post(
  url: string,
  question: object,
  { address, clock }: { address: ServiceAddress; clock: Clock },
): Promise<Answer | NoAnswer> {
  const abort = new AbortController()
  const deadline = clock.timer(address.limit, () => abort.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: abort.signal,
      headers: {
        'content-type': 'application/json',
        ...(address.secret === null ? {} : { authorization: `Bearer ${address.secret}` }),
      },
      body: JSON.stringify(question),
    })
    if (!response.ok) {
      await response.body?.cancel()
      return { failed: 'refused' }
    }
    return await read(response)
  } catch {
    // Whatever went wrong, the station is told that there is no answer, and the log which kind of none.
    return { failed: abort.signal.aborted ? 'timeout' : 'unreachable' }
  } finally {
    deadline.cancel()
  }
}

async function read(response: Response): Promise<Answer | NoAnswer> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.length
    if (length > LONGEST) return BAD
    pieces.push(piece)
  }
  try {
    const answer: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'))
    return typeof answer === 'object' && answer !== null ? { ...answer } : BAD
  } catch {
    // No JSON is no answer.
    return BAD
  }
}

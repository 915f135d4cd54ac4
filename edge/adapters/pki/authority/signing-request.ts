import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { SigningRefusal } from '../../../domain/ports/station-authority.ts'

/** What a checked request asks for. */
export interface CheckedRequest {
  readonly request: x509.Pkcs10CertificateRequest
  readonly name: string
}

/** Smallest keys that are signed, bits. @see OCPP 2.0.1 A00.FR.504 and 505 */
const SMALLEST = { RSA: 2048, EC: 256 }

/** Whether the station proves its key, names itself and nobody else, and has a key worth signing. */
export async function checkRequest(
  csr: string,
  names: readonly string[],
): Promise<CheckedRequest | SigningRefusal> {
  const request = parse(csr)
  if (request === null) return { refused: 'unreadable', reason: 'not a PKCS#10 request in PEM' }
  if (!(await proves(request)))
    return { refused: 'bad-signature', reason: 'the request is not signed by the key that it holds' }
  const [name, ...more] = request.subjectName.getField('CN')
  if (name === undefined || more.length > 0 || !names.includes(name)) {
    const found = request.subjectName.getField('CN').join(', ') || 'none'
    return { refused: 'wrong-name', reason: `common name: expected ${names.join(' or ')}, found ${found}` }
  }
  const weak = weakness(request.publicKey)
  return weak === null ? { request, name } : { refused: 'weak-key', reason: weak }
}

function parse(csr: string): x509.Pkcs10CertificateRequest | null {
  try {
    return new x509.Pkcs10CertificateRequest(csr)
  } catch {
    // Whatever the parser stumbled over, the request is unreadable; that is told.
    return null
  }
}

const proves = (request: x509.Pkcs10CertificateRequest): Promise<boolean> =>
  request.verify().catch(() => false)

function weakness({ algorithm }: x509.PublicKey): string | null {
  const {
    name,
    modulusLength = 0,
    namedCurve,
  } = algorithm as {
    name: string
    modulusLength?: number
    namedCurve?: string
  }
  if (name.startsWith('RSA'))
    return modulusLength >= SMALLEST.RSA
      ? null
      : `RSA key: expected ${SMALLEST.RSA} bits or more, found ${modulusLength}`
  const bits = Number(/(\d{3})/.exec(namedCurve ?? '')?.[1] ?? 0)
  if (name === 'ECDSA' && bits >= SMALLEST.EC) return null
  return `key: expected RSA of ${SMALLEST.RSA} bits or ECDSA of ${SMALLEST.EC}, found ${name} ${namedCurve ?? ''}`
}

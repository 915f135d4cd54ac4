import { createHash, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { type Service, type ServiceDeps, status, when } from './service.ts'

const Use = z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate'])
const HashData = z.object({
  hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']),
  issuerNameHash: z.string(),
  issuerKeyHash: z.string(),
  serialNumber: z.string(),
})
type HashData = z.infer<typeof HashData>

interface Installed {
  readonly use: z.infer<typeof Use>
  readonly hash: HashData
}

/** Roots that were installed, and the station's own chain. @see OCPP 1.6 security whitepaper, section 3 */
export class Certificates {
  #installed: readonly Installed[] = []
  /** The chain that the CSMS signed last. */
  chain: string | null = null
  readonly #deps: ServiceDeps

  constructor(deps: ServiceDeps) {
    this.#deps = deps
  }

  readonly service: Service = {
    InstallCertificate: when(z.object({ certificateType: Use, certificate: z.string() }), (request) =>
      status(this.#install(request.certificateType, request.certificate)),
    ),
    DeleteCertificate: when(z.object({ certificateHashData: HashData }), ({ certificateHashData: asked }) => {
      const left = this.#installed.filter(({ hash }) => !sameHash(hash, asked))
      if (left.length === this.#installed.length) return status('NotFound')
      this.#installed = left
      return status('Accepted')
    }),
    GetInstalledCertificateIds: when(z.object({ certificateType: Use }), ({ certificateType }) => {
      const found = this.#installed.filter(({ use }) => use === certificateType).map(({ hash }) => hash)
      return found.length === 0
        ? status('NotFound')
        : { payload: { status: 'Accepted', certificateHashData: found } }
    }),
    CertificateSigned: when(z.object({ certificateChain: z.string() }), ({ certificateChain }) => {
      if (parsed(certificateChain) === null) {
        const refusal = { type: 'InvalidChargePointCertificate', timestamp: isoOf(this.#deps.now()) }
        return status('Rejected', () => this.#deps.tell('SecurityEventNotification', refusal))
      }
      this.chain = certificateChain
      this.#deps.record('certificate', { signed: true })
      return status('Accepted')
    }),
  }

  #install(use: Installed['use'], pem: string): string {
    const certificate = parsed(pem)
    if (certificate === null) return 'Rejected'
    this.#installed = [...this.#installed, { use, hash: hashOf(certificate) }]
    return 'Accepted'
  }
}

const isoOf = (at: number): string => new Date(at).toISOString()

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

/** Stands for the hashes over the encoded names of the standard: unique, and the same for the same certificate. */
function hashOf(certificate: X509Certificate): HashData {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex')
  return {
    hashAlgorithm: 'SHA256',
    issuerNameHash: digest(certificate.issuer),
    issuerKeyHash: digest(String(certificate.publicKey.export({ type: 'spki', format: 'pem' }))),
    serialNumber: certificate.serialNumber.toLowerCase(),
  }
}

const sameHash = (one: HashData, other: HashData): boolean =>
  one.issuerNameHash === other.issuerNameHash &&
  one.issuerKeyHash === other.issuerKeyHash &&
  one.serialNumber.toLowerCase() === other.serialNumber.toLowerCase()

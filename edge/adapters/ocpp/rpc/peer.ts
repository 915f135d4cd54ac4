import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'

/** Why a client certificate proves nothing. */
export type CertificateFault =
  | 'no-certificate'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-self-signed'
  | 'certificate-of-another-authority'
  | 'certificate-revoked'
  | 'certificate-unusable'

/** How somebody reached us and, over TLS, what his certificate says. */
export type Peer =
  | { readonly kind: 'plain' }
  | { readonly kind: 'tls'; readonly fault: CertificateFault }
  | { readonly kind: 'tls'; readonly fault: null; readonly commonName: string }

/** What OpenSSL says of a chain, in our words; anything else is unusable. */
const FAULTS: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-not-yet-valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-of-another-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-of-another-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-of-another-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-of-another-authority',
  CERT_SIGNATURE_FAILURE: 'certificate-of-another-authority',
  CERT_REVOKED: 'certificate-revoked',
}

/** The other end of an accepted socket. Its name counts only when its chain and the revocation lists hold. */
export function peerOf(socket: Duplex): Peer {
  if (!(socket instanceof TLSSocket)) return { kind: 'plain' }
  const { subject, issuer } = socket.getPeerCertificate()
  if (subject === undefined) return { kind: 'tls', fault: 'no-certificate' }
  if (!socket.authorized) {
    const said = FAULTS[String(socket.authorizationError ?? '')]
    // Where revocation is checked, OpenSSL misses the list of a stranger before it looks at his signature.
    const own = isDeepStrictEqual(subject, issuer) ? 'certificate-self-signed' : 'certificate-unusable'
    return { kind: 'tls', fault: said ?? own }
  }
  const { CN } = subject
  return typeof CN === 'string'
    ? { kind: 'tls', fault: null, commonName: CN }
    : { kind: 'tls', fault: 'certificate-unusable' }
}

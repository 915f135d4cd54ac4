import 'reflect-metadata'
import { createHash, createPrivateKey, sign } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const { crypto } = globalThis
x509.cryptoProvider.set(crypto)
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** What goes with an image that its maker signed. */
export interface Signing {
  readonly sha256: string
  readonly headers: { readonly 'busbar-certificate': string; readonly 'busbar-signature': string }
}

/** Signs as a maker of stations would; the certificate is its own. */
export async function signedBy(content: Uint8Array, validAt: number): Promise<Signing> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=A maker of stations',
    keys,
    signingAlgorithm: CURVE,
    notBefore: new Date(validAt - 86_400_000),
    notAfter: new Date(validAt + 86_400_000),
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  return {
    sha256: sha256(content),
    headers: {
      'busbar-certificate': Buffer.from(certificate.toString('pem')).toString('base64'),
      'busbar-signature': sign('sha256', content, key).toString('base64'),
    },
  }
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

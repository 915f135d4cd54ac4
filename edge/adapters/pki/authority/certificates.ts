// The library asks for this before it is loaded.
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { type Instant, instant } from '@busbar/units/time.ts'
import * as x509 from '@peculiar/x509'

const { crypto } = globalThis
x509.cryptoProvider.set(crypto)

const DAY_MS = 86_400_000
/** Clocks of stations are off; a certificate of today must not look like one of tomorrow. */
const BACKDATED_MS = DAY_MS
const YEARS_ROOT = 20
const DAYS_SERVER = 397
const DAYS_STATION = 397
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const LEAF_USAGE = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyAgreement

/** A root with its key, ready to sign. */
export interface Signer {
  readonly certificate: x509.X509Certificate
  readonly key: CryptoKey
}

const pemOfKey = async (key: CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

const newKeys = () => crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
/** Positive and without a leading zero, as every reader writes it. */
const newSerial = (): string => `5${randomBytes(15).toString('hex').slice(1)}`
const validity = (now: Instant, days: number) => ({
  notBefore: new Date(now - BACKDATED_MS),
  notAfter: new Date(now + days * DAY_MS),
})

export async function newRoot(of: { operator: string; generation: number; now: Instant }) {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ O: [of.operator] }, { CN: [`Busbar station CA ${of.generation}`] }],
    ...validity(of.now, YEARS_ROOT * 365),
    signingAlgorithm: CURVE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await pemOfKey(keys.privateKey) }
}

export async function signerOf({ certificate, key }: { certificate: string; key: string }): Promise<Signer> {
  const pkcs8 = x509.PemConverter.decodeFirst(key)
  return {
    certificate: new x509.X509Certificate(certificate),
    key: await crypto.subtle.importKey('pkcs8', pkcs8, CURVE, false, ['sign']),
  }
}

export async function newServer(
  signer: Signer,
  of: { operator: string; names: readonly string[]; now: Instant },
) {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ O: [of.operator] }, { CN: [of.names[0] ?? 'busbar'] }],
    issuer: signer.certificate.subject,
    ...validity(of.now, DAYS_SERVER),
    signingKey: signer.key,
    signingAlgorithm: CURVE,
    publicKey: keys.publicKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        of.names.map((name) => ({
          type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const),
          value: name,
        })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ...(await leafExtensions(signer, keys.publicKey)),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await pemOfKey(keys.privateKey) }
}

/** A client certificate over the request's own key and the given name; nothing else of the request is taken over. */
export async function newStation(
  signer: Signer,
  of: { operator: string; name: string; request: x509.Pkcs10CertificateRequest; now: Instant },
) {
  const { notBefore, notAfter } = validity(of.now, DAYS_STATION)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ O: [of.operator] }, { CN: [of.name] }],
    issuer: signer.certificate.subject,
    notBefore,
    notAfter,
    signingKey: signer.key,
    signingAlgorithm: CURVE,
    publicKey: of.request.publicKey,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ...(await leafExtensions(signer, of.request.publicKey)),
    ],
  })
  return {
    pem: certificate.toString('pem'),
    serial: certificate.serialNumber.toLowerCase(),
    notAfter: instant(notAfter.getTime()),
  }
}

export async function newRevocationList(
  signer: Signer,
  of: { serials: readonly string[]; now: Instant },
): Promise<string> {
  const list = await x509.X509CrlGenerator.create({
    issuer: signer.certificate.subject,
    thisUpdate: new Date(of.now - BACKDATED_MS),
    nextUpdate: new Date(of.now + YEARS_ROOT * 365 * DAY_MS),
    signingAlgorithm: CURVE,
    signingKey: signer.key,
    entries: of.serials.map((serialNumber) => ({ serialNumber, revocationDate: new Date(of.now) })),
  })
  // OpenSSL knows a list by this label only.
  return x509.PemConverter.encode(list.rawData, 'X509 CRL')
}

async function leafExtensions(signer: Signer, key: CryptoKey | x509.PublicKey) {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(LEAF_USAGE, true),
    await x509.SubjectKeyIdentifierExtension.create(key),
    await x509.AuthorityKeyIdentifierExtension.create(signer.certificate.publicKey),
  ]
}

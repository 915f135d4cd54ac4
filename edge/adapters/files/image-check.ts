import { constants, createVerify, X509Certificate } from 'node:crypto'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import type { Instant } from '@busbar/units/time.ts'

type Signed = { readonly certificate: string; readonly signature: string }

/** Holds an image against its signature, piece by piece. */
export interface SignatureCheck {
  update(piece: Uint8Array): void
  /** @throws DepotError `files.wrong` when the signature is not of what was heard */
  finish(): void
}

const wrong = (reason: string, cause?: unknown) => new DepotError('files.wrong', reason, { cause })

/**
 * Begins to check a signature: SHA-256 with RSA (PSS) or ECDSA, in base64, by the key of a certificate in PEM.
 * Whether a maker's root vouches for that certificate is for the station to say, which knows its maker.
 * @throws DepotError `files.wrong` when certificate or signature are none, or the certificate is not valid now
 * @see OCPP 2.0.1 part 2, L01; security whitepaper for OCPP 1.6, section 2.6
 */
export function signatureCheck(signed: Signed, now: Instant): SignatureCheck {
  const certificate = readCertificate(signed.certificate)
  if (now < certificate.validFromDate.getTime() || now > certificate.validToDate.getTime())
    throw wrong(`its certificate is valid from ${certificate.validFrom} to ${certificate.validTo} only`)
  const key = certificate.publicKey
  const kind = key.asymmetricKeyType
  if (kind !== 'rsa' && kind !== 'rsa-pss' && kind !== 'ec')
    throw wrong(`a signature by ${kind ?? 'an unknown kind of'} key: RSA or ECDSA is needed`)
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(signed.signature)) throw wrong('its signature is no base64')
  const verify = createVerify('sha256')
  const padding = kind === 'ec' ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING }
  return {
    update: (piece) => void verify.update(piece),
    finish: () => {
      if (!verify.verify({ key, ...padding }, signed.signature, 'base64'))
        throw wrong('its signature is not of this content by this certificate')
    },
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw wrong(`its certificate cannot be read: ${messageOf(error)}`, error)
  }
}

import { createHash, timingSafeEqual } from 'node:crypto'

/** Why credentials were not accepted; outside all of them look the same. */
export type CredentialFault =
  | 'no-credentials'
  | 'malformed-credentials'
  | 'user-mismatch'
  | 'unknown-station'
  | 'wrong-secret'

const BASIC = /^ *basic +([A-Za-z0-9+/_-]+={0,2}) *$/i
const NOBODY = createHash('sha256').digest()

/** How a station gives its credentials. */
export interface CredentialManners {
  /** Capitals in the user do not count. */
  readonly anyCase: boolean
  /** The secret comes as hexadecimal digits. */
  readonly hexText: boolean
}
const USUAL: CredentialManners = { anyCase: false, hexText: false }

/** The user that an Authorization header names, before anything is proven; null without one. */
export function userOf(header: string | undefined): string | null {
  const text = Buffer.from(BASIC.exec(header ?? '')?.[1] ?? '', 'base64').toString()
  const end = text.indexOf(':')
  return end > 0 ? text.slice(0, end) : null
}

/**
 * Checks an Authorization header against the SHA-256 (hex) of the station's secret and of `others` that it may have
 * taken; `undefined` is an unknown station. Tells which one it was.
 * The secret is compared as raw bytes: in HTTP Basic an OCPP 1.6 key need not be text. Every path hashes and compares
 * once, so that known and unknown stations take the same time.
 */
export function checkCredentials(
  header: string | undefined,
  identity: string,
  {
    secretSha256,
    others = [],
    manners = USUAL,
  }: { secretSha256: string | undefined; others?: readonly string[]; manners?: CredentialManners },
): { readonly fault: CredentialFault | null; readonly secret: string | null } {
  const encoded = header === undefined ? null : (BASIC.exec(header)?.[1] ?? null)
  const pair = Buffer.from(encoded ?? '', 'base64')
  const user = Buffer.from(`${identity}:`)
  const named = sameUser(pair.subarray(0, user.length), user, manners)
  const digest = createHash('sha256')
    .update(secretIn(pair.subarray(user.length), manners))
    .digest()
  const matches = [secretSha256, ...others].map((known) => {
    const expected = known === undefined ? NOBODY : Buffer.from(known, 'hex')
    return expected.length === digest.length && timingSafeEqual(digest, expected)
  })
  const none = (fault: CredentialFault) => ({ fault, secret: null })
  if (header === undefined) return none('no-credentials')
  if (encoded === null) return none('malformed-credentials')
  if (!named) return none('user-mismatch')
  if (secretSha256 === undefined) return none('unknown-station')
  return matches.includes(true) ? { fault: null, secret: digest.toString('hex') } : none('wrong-secret')
}

const sameUser = (given: Buffer, user: Buffer, { anyCase }: CredentialManners): boolean =>
  given.equals(user) || (anyCase && given.toString().toLowerCase() === user.toString().toLowerCase())

function secretIn(given: Buffer, { hexText }: CredentialManners): Buffer {
  const text = hexText ? given.toString() : ''
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : given
}

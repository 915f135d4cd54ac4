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

/**
 * Checks an Authorization header against the SHA-256 (hex) of the station's secret; `undefined` is an unknown station.
 * The secret is compared as raw bytes: in HTTP Basic an OCPP 1.6 key need not be text. Every path hashes and compares
 * once, so that known and unknown stations take the same time.
 */
export function checkCredentials(
  header: string | undefined,
  identity: string,
  secretSha256: string | undefined,
): CredentialFault | null {
  const encoded = header === undefined ? null : (BASIC.exec(header)?.[1] ?? null)
  const pair = Buffer.from(encoded ?? '', 'base64')
  const user = Buffer.from(`${identity}:`)
  const named = pair.subarray(0, user.length).equals(user)
  const digest = createHash('sha256').update(pair.subarray(user.length)).digest()
  const expected = secretSha256 === undefined ? NOBODY : Buffer.from(secretSha256, 'hex')
  const matches = expected.length === digest.length && timingSafeEqual(digest, expected)
  if (header === undefined) return 'no-credentials'
  if (encoded === null) return 'malformed-credentials'
  if (!named) return 'user-mismatch'
  if (secretSha256 === undefined) return 'unknown-station'
  return matches ? null : 'wrong-secret'
}

import { createHash, timingSafeEqual } from 'node:crypto'

const sha256 = (secret: Uint8Array): Buffer => createHash('sha256').update(secret).digest()
const NOBODY = Buffer.alloc(32)

/**
 * Whether a password is one of a device's, in constant time also for a device that nobody knows. A plain hash is
 * enough: the secrets are long and random, never chosen by people.
 * @param hashes SHA-256 of each secret the device may use; two while one is being replaced; undefined: unknown device
 */
export function secretFits(
  hashes: readonly Uint8Array[] | undefined,
  password: Uint8Array | undefined,
): boolean {
  const given = sha256(password ?? NOBODY)
  const fits = (hashes ?? [NOBODY]).map((hash) => timingSafeEqual(given, hash))
  return hashes !== undefined && password !== undefined && fits.includes(true)
}

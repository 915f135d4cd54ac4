import type { Instant } from '@busbar/units/time.ts'

/**
 * A UUID of version 7: 48 bits of milliseconds since 1970, the rest random. @see RFC 9562, 5.7
 * @param random at least 10 random bytes
 */
export function uuidV7(at: Instant, random: Uint8Array): string {
  const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')
  const rest = [...random.subarray(0, 10)].map((byte) => hex(byte, 2)).join('')
  const time = hex(Math.floor(at), 12)
  const variant = hex(8 + (Number.parseInt(rest.slice(3, 4), 16) & 3), 1)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${variant}${rest.slice(4, 7)}-${rest.slice(7, 19)}`
}

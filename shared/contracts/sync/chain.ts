import { createHash } from 'node:crypto'

/** Chain value of the empty log, c(0): SHA-256 of the epoch's text, lower-case hex. */
export const chainStart = (epoch: string): string => createHash('sha256').update(epoch, 'utf8').digest('hex')

/** c(n): SHA-256 of c(n-1) as 32 bytes, then the bytes of record line n; lower-case hex. */
export const chainNext = (previous: string, line: string | Uint8Array): string =>
  createHash('sha256').update(Buffer.from(previous, 'hex')).update(line).digest('hex')

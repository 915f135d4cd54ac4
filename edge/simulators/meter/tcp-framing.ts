import type { Framing } from './framing.ts'

const HEADER = 7

/** Modbus TCP: a header of transaction, protocol, length and unit, no checksum. */
export const tcpFraming: Framing = {
  kind: 'tcp',
  take(received) {
    if (received.length < HEADER) return { rest: received }
    const length = received.readUInt16BE(4)
    if (received.readUInt16BE(2) !== 0 || length < 2 || length > 254) return 'broken'
    if (received.length < 6 + length) return { rest: received }
    const bytes = received.subarray(0, 6 + length)
    return {
      request: { unit: bytes.readUInt8(HEADER - 1), body: bytes.subarray(HEADER), bytes },
      rest: received.subarray(bytes.length),
    }
  },
  wrap(request, { unit, body }) {
    const header = Buffer.from(request.bytes.subarray(0, HEADER))
    header.writeUInt16BE(body.length + 1, 4)
    header.writeUInt8(unit, HEADER - 1)
    return Buffer.concat([header, body])
  },
}

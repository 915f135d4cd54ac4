import type { Framing } from './framing.ts'

/** Unit, function, address, count and checksum: every request that reads is as long. */
const REQUEST = 8

/** Modbus RTU. What bears no right checksum is noise: a device passes over it. */
export const rtuFraming: Framing = {
  kind: 'rtu',
  take(received) {
    for (let start = 0; start + REQUEST <= received.length; start += 1) {
      const bytes = received.subarray(start, start + REQUEST)
      if (crc16(bytes.subarray(0, REQUEST - 2)) !== bytes.readUInt16LE(REQUEST - 2)) continue
      const request = { unit: bytes.readUInt8(0), body: bytes.subarray(1, REQUEST - 2), bytes }
      return { request, rest: received.subarray(start + REQUEST) }
    }
    return { rest: received.subarray(Math.max(0, received.length - REQUEST + 1)) }
  },
  wrap(_, { unit, body }) {
    const frame = Buffer.concat([Buffer.of(unit), body, Buffer.alloc(2)])
    frame.writeUInt16LE(crc16(frame.subarray(0, -2)), frame.length - 2)
    return frame
  },
}

/** CRC-16/MODBUS, bit by bit as in the serial line guide: sent low byte first. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  }
  return crc
}

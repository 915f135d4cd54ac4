import type { Framing, Request } from './framing.ts'
import type { Strike } from './strike.ts'

/** The frame of an answer, damaged as the strike says. Unit, function and length keep a right checksum. */
export function frameOf(framing: Framing, request: Request, body: Buffer, strike: Strike): Buffer {
  const unit = (request.unit + (strike.one('wrongUnit')?.fault.by ?? 0)) & 0xff
  const frame = framing.wrap(request, { unit, body: damagedBody(body, strike) })
  if (strike.has('crcError')) frame.writeUInt8(frame.readUInt8(frame.length - 1) ^ 0x5a, frame.length - 1)
  const cut = strike.one('truncate')?.fault.bytes ?? 0
  return Buffer.concat([
    strike.has('echo') ? request.bytes : Buffer.alloc(0),
    Buffer.from(strike.one('garbagePrefix')?.fault.hex ?? '', 'hex'),
    frame.subarray(0, Math.max(0, frame.length - cut)),
  ])
}

function damagedBody(body: Buffer, strike: Strike): Buffer {
  const damaged = Buffer.from(body)
  const wrongFunction = strike.one('wrongFunction')?.fault
  if (wrongFunction) damaged.writeUInt8(wrongFunction.code, 0)
  const wrongLength = strike.one('wrongLength')?.fault
  const isException = body.readUInt8(0) >= 0x80
  if (!wrongLength || isException) return damaged
  if (!wrongLength.honest) {
    damaged.writeUInt8((damaged.readUInt8(1) + wrongLength.by) & 0xff, 1)
    return damaged
  }
  const longer = Buffer.alloc(Math.max(2, damaged.length + 2 * wrongLength.by))
  damaged.copy(longer)
  longer.writeUInt8(longer.length - 2, 1)
  return longer
}

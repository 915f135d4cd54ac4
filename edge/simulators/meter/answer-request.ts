import type { MeterProfile } from '../../profiles/meter-profile.ts'
import type { RegisterImage, RegisterImages } from './register-image.ts'

/** Registers a device without a documented limit accepts: the most that fit a frame. */
const MOST_REGISTERS = 125

/**
 * The answer to a request, both without their header (function code first), as a strict device gives it: exception 1
 * for an unknown function, 3 for a wrong number of registers, 2 for registers it lacks or a value cut in two.
 * Registers between known ones hold 0: a device has more of them than a profile names.
 */
export function answerRequest(
  request: Buffer,
  images: RegisterImages,
  limits: MeterProfile['limits'],
): Buffer {
  const code = request.readUInt8(0)
  const image = images.get(code)
  if (!image) return exception(code, 1)
  if (request.length !== 5) return exception(code, 3)
  const addr = request.readUInt16BE(1)
  const count = request.readUInt16BE(3)
  if (count < 1 || count > (limits.maxRead ?? MOST_REGISTERS)) return exception(code, 3)
  if (!within(image, addr, count)) return exception(code, 2)
  if (limits.atomicValues && (splits(image, addr) || splits(image, addr + count))) return exception(code, 2)
  const reply = Buffer.alloc(2 + 2 * count)
  reply.writeUInt8(code, 0)
  reply.writeUInt8(2 * count, 1)
  for (let offset = 0; offset < count; offset += 1)
    reply.writeUInt16BE(image.words.get(addr + offset) ?? 0, 2 + 2 * offset)
  return reply
}

export const exception = (functionCode: number, code: number): Buffer =>
  Buffer.from([functionCode | 0x80, code])

function within(image: RegisterImage, addr: number, count: number): boolean {
  const known = [...image.words.keys()]
  return known.length > 0 && addr >= Math.min(...known) && addr + count - 1 <= Math.max(...known)
}

const splits = ({ values }: RegisterImage, boundary: number): boolean =>
  values.some(({ addr, words }) => boundary > addr && boundary < addr + words)

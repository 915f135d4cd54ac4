import type { MeterProfile, ResolvedPoint, WordType } from '../../profiles/meter-profile.ts'

type WordOrder = ResolvedPoint['wordOrder']

/** Registers of a value, as the device would put them on the wire. Whole numbers are rounded and held in range. */
export function encodeValue(value: number, type: WordType, order: WordOrder): number[] {
  const bytes = type.startsWith('f') ? floatBytes(value, type) : wholeBytes(value, type)
  const words = []
  for (let at = 0; at < bytes.length; at += 2) words.push(bytes.readUInt16BE(at))
  return order === 'low-first' ? words.reverse() : words
}

/** Registers with which the device says "no value": its sentinel, else NaN, else all ones. */
export function encodeAbsent(profile: MeterProfile, point: ResolvedPoint): number[] {
  const raw = profile.sentinels.find(({ types }) => types.includes(point.type))?.raw
  if (raw === undefined && point.type.startsWith('f'))
    return encodeValue(Number.NaN, point.type, point.wordOrder)
  if (raw === undefined || raw === 'all-ones') return Array.from({ length: point.words }, () => 0xffff)
  const words = (raw.slice(2).replaceAll('X', '0').match(/.{4}/g) ?? []).map((word) =>
    Number.parseInt(word, 16),
  )
  return point.wordOrder === 'low-first' ? words.reverse() : words
}

function floatBytes(value: number, type: WordType): Buffer {
  const bytes = Buffer.alloc(type === 'f64' ? 8 : 4)
  if (type === 'f64') bytes.writeDoubleBE(value)
  else bytes.writeFloatBE(value)
  return bytes
}

function wholeBytes(value: number, type: WordType): Buffer {
  const bits = Number(type.slice(1))
  const signed = type.startsWith('i')
  const highest = 2n ** BigInt(signed ? bits - 1 : bits) - 1n
  const lowest = signed ? -(2n ** BigInt(bits - 1)) : 0n
  const whole = BigInt(Math.round(value))
  const held = whole > highest ? highest : whole < lowest ? lowest : whole
  const hex = BigInt.asUintN(bits, held)
    .toString(16)
    .padStart(bits / 4, '0')
  return Buffer.from(hex, 'hex')
}

import type { MeterProfile, ResolvedPoint, WordType } from '../../profiles/meter-profile.ts'

type Sentinels = MeterProfile['sentinels']

/** A point's words as they came, with the word of its power of ten if it has one. */
export interface RawValue {
  readonly words: readonly number[]
  readonly factor?: number | undefined
}

/**
 * The value of a point.
 * @returns undefined when the device says it has no value: a sentinel, NaN, an infinity or no power of ten
 */
export function decode(
  { words, factor }: RawValue,
  point: ResolvedPoint,
  sentinels: Sentinels,
): number | undefined {
  if (words.length !== point.words) return undefined
  const highFirst = point.wordOrder === 'high-first' ? words : words.toReversed()
  if (isSentinel(highFirst, point.type, sentinels)) return undefined
  const power = point.factorAddr === undefined ? 0 : powerOfTen(factor)
  if (power === undefined) return undefined
  const scale = power < 0 ? point.scale / 10 ** -power : point.scale * 10 ** power
  const value = scaled(READ[point.type](toView(highFirst)), scale)
  if (!Number.isFinite(value)) return undefined
  return point.decoder === 'schneider-4q' ? foldedBack(value) : value
}

/** Beyond ten in either direction the word is not a power of ten: 0x8000 stands for none. */
function powerOfTen(word: number | undefined): number | undefined {
  if (word === undefined) return undefined
  const power = word < 0x8000 ? word : word - 0x1_0000
  return Math.abs(power) <= 10 ? power : undefined
}

const foldedBack = (value: number): number => (value > 1 ? 2 - value : value < -1 ? -2 - value : value)

const READ: Readonly<Record<WordType, (view: DataView) => number>> = {
  u16: (view) => view.getUint16(0),
  i16: (view) => view.getInt16(0),
  u32: (view) => view.getUint32(0),
  i32: (view) => view.getInt32(0),
  f32: (view) => view.getFloat32(0),
  u64: (view) => Number(view.getBigUint64(0)),
  i64: (view) => Number(view.getBigInt64(0)),
  f64: (view) => view.getFloat64(0),
}

function toView(words: readonly number[]): DataView {
  const view = new DataView(new ArrayBuffer(words.length * 2))
  words.forEach((word, index) => {
    view.setUint16(index * 2, word)
  })
  return view
}

// Dividing by a whole reciprocal keeps 2301 × 0.1 at 230.1.
function scaled(raw: number, scale: number): number {
  const reciprocal = Math.round(1 / scale)
  return reciprocal > 1 && Math.abs(reciprocal * scale - 1) < 1e-12 ? raw / reciprocal : raw * scale
}

function isSentinel(highFirst: readonly number[], type: WordType, sentinels: Sentinels): boolean {
  const hex = highFirst.map((word) => word.toString(16).toUpperCase().padStart(4, '0')).join('')
  return sentinels.some(
    ({ types, raw }) => types.includes(type) && (raw === 'all-ones' ? /^F+$/ : pattern(raw)).test(hex),
  )
}

const pattern = (raw: string): RegExp => new RegExp(`^${raw.slice(2).replaceAll('X', '.')}$`)

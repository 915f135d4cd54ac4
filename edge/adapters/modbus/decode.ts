import type { MeterProfile, ResolvedPoint, WordType } from '../../profiles/meter-profile.ts'

type Sentinels = MeterProfile['sentinels']

/**
 * The value of a point from its words as they came.
 * @returns undefined when the device says it has no value: a sentinel, NaN or an infinity
 */
export function decode(
  words: readonly number[],
  point: ResolvedPoint,
  sentinels: Sentinels,
): number | undefined {
  if (words.length !== point.words) return undefined
  const highFirst = point.wordOrder === 'high-first' ? words : words.toReversed()
  if (isSentinel(highFirst, point.type, sentinels)) return undefined
  const value = scaled(READ[point.type](toView(highFirst)), point.scale)
  return Number.isFinite(value) ? value : undefined
}

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
  const hex = `0x${highFirst.map((word) => word.toString(16).toUpperCase().padStart(4, '0')).join('')}`
  const allOnes = highFirst.every((word) => word === 0xffff)
  return sentinels.some(
    ({ types, raw }) => types.includes(type) && (raw === 'all-ones' ? allOnes : raw === hex),
  )
}

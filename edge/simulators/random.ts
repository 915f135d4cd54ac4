/** A seeded source of chance: one seed gives one sequence. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** A source of its own for `label`, the same whatever else has been drawn. */
  fork(label: string): Random
}

/** mulberry32 (public domain). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let t = Math.imul(state ^ (state >>> 15), state | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    },
    fork: (label) => seededRandom(hash(`${seed >>> 0}/${label}`)),
  }
}

/** A number from `low` to `high`. */
export const within = (random: Random, low: number, high: number): number =>
  low + (high - low) * random.next()

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

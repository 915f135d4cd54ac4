import { counterStep } from '../../../../domain/site/counter.ts'
import type { SourceLimits } from '../../messages.ts'
import type { Sample } from './chunk.ts'
import { isCounter } from './quantities.ts'

export const MINUTE_MS = 60_000

/** Bits of a minute's `flags`. */
export const FLAGS = {
  /** A register fell or jumped: a new segment begins here. */
  segment: 1,
  /** Built of a sample whose quality was not good. */
  suspect: 2,
  /** `added` reaches back to the last value before the minute. */
  continued: 4,
} as const

/** One quantity's minute, in steps; `first` and `added` of counters, `min`, `mean`, `max` of the others. */
export interface MinuteStat {
  /** Minutes since 1970. */
  readonly minute: number
  readonly flags: number
  /** For how much of the minute there was a value, ms. */
  readonly coveredMs: number
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly last: number
  readonly first: number
  readonly added: number
}

interface Point {
  readonly at: number
  readonly value: number
  readonly suspect: boolean
}

/**
 * The figures of one minute, by quantity.
 * @param samples of the minute and of `standsMs` before it, by time
 */
export function minuteStats(
  minute: number,
  samples: readonly Sample[],
  limits: SourceLimits,
): ReadonlyMap<string, MinuteStat> {
  const columns = new Map<string, Point[]>()
  for (const { at, numbers, rest } of samples) {
    const suspect = rest !== null && rest.quality !== undefined && rest.quality !== 'good'
    for (const [quantity, value] of numbers) {
      const column = columns.get(quantity)
      if (column === undefined) columns.set(quantity, [{ at, value, suspect }])
      else column.push({ at, value, suspect })
    }
  }
  const stats = new Map<string, MinuteStat>()
  for (const [quantity, column] of columns) {
    const start = minute * MINUTE_MS
    const inside = column.findIndex(({ at }) => at >= start)
    const points = inside < 0 ? column.slice(-1) : column.slice(Math.max(0, inside - 1))
    const standing = points.filter(({ at }) => at + limits.standsMs > start)
    const stat = isCounter(quantity) ? counted(minute, standing, limits) : averaged(minute, standing, limits)
    if (stat !== null) stats.set(quantity, stat)
  }
  return stats
}

/** ms of the minute for which each value stood. */
function stood(minute: number, points: readonly Point[], standsMs: number): readonly number[] {
  const start = minute * MINUTE_MS
  return points.map(({ at }, index) => {
    const end = Math.min(points[index + 1]?.at ?? Number.POSITIVE_INFINITY, at + standsMs, start + MINUTE_MS)
    return Math.max(0, end - Math.max(at, start))
  })
}

const suspectFlag = (points: readonly Point[]): number =>
  points.some(({ suspect }) => suspect) ? FLAGS.suspect : 0

function averaged(minute: number, points: readonly Point[], { standsMs }: SourceLimits): MinuteStat | null {
  const last = points.at(-1)
  if (last === undefined) return null
  const weights = stood(minute, points, standsMs)
  let coveredMs = 0
  let weighted = 0
  let min = last.value
  let max = last.value
  for (const [index, { at, value }] of points.entries()) {
    const weight = weights[index] ?? 0
    coveredMs += weight
    weighted += weight * value
    // carried in, and replaced before the minute had begun
    if (weight === 0 && at < minute * MINUTE_MS) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const mean = coveredMs > 0 ? Math.round(weighted / coveredMs) + 0 : last.value
  return {
    minute,
    flags: suspectFlag(points),
    coveredMs,
    min,
    mean,
    max,
    last: last.value,
    first: 0,
    added: 0,
  }
}

function counted(
  minute: number,
  points: readonly Point[],
  { standsMs, maxW }: SourceLimits,
): MinuteStat | null {
  const start = minute * MINUTE_MS
  const [carried, last] = [points[0], points.at(-1)]
  if (carried === undefined || last === undefined) return null
  const first = points.find(({ at }) => at >= start) ?? carried
  const coveredMs = stood(minute, points, standsMs).reduce((sum, ms) => sum + ms, 0)
  let flags = suspectFlag(points) | (carried.at < start ? FLAGS.continued : 0)
  let added = 0
  for (const [index, point] of points.entries()) {
    const before = points[index - 1]
    if (before === undefined) continue
    const step = counterStep({
      before: before.value,
      now: point.value,
      ms: point.at - before.at,
      maxW: maxW ?? Number.POSITIVE_INFINITY,
    })
    if (step === null) flags |= FLAGS.segment
    else added += step
  }
  return { minute, flags, coveredMs, min: 0, mean: 0, max: 0, last: last.value, first: first.value, added }
}

import type { SeriesBucket } from '../../../../domain/ports/series.ts'
import { FLAGS, MINUTE_MS, type MinuteStat } from './minute-stats.ts'
import { fromSteps, isCounter } from './quantities.ts'

export interface MinuteIn extends MinuteStat {
  readonly late: number
  readonly open: boolean
}

const WH = 3_600_000

/** True of power in W, whose integral is energy. */
const isPower = (quantity: string): boolean => (quantity.split('.', 1)[0] ?? '').endsWith('_w')

/** Minutes of one quantity, by time, gathered between edges. */
export function toBuckets(
  quantity: string,
  minutes: readonly MinuteIn[],
  edges: readonly number[],
): readonly SeriesBucket[] {
  let at = 0
  return edges.slice(1).map((end) => {
    const from = at
    while (at < minutes.length && (minutes[at]?.minute ?? 0) * MINUTE_MS < end) at++
    return bucketOf(quantity, minutes.slice(from, at))
  })
}

function bucketOf(quantity: string, minutes: readonly MinuteIn[]): SeriesBucket {
  const sum = (of: (minute: MinuteIn) => number) => minutes.reduce((total, minute) => total + of(minute), 0)
  const value = (steps: number) => fromSteps(quantity, steps)
  const coveredMs = sum((minute) => minute.coveredMs)
  const weighted = sum((minute) => minute.mean * minute.coveredMs)
  const some = (flag: number) => minutes.some(({ flags }) => (flags & flag) !== 0)
  const last = minutes.at(-1)
  const common = {
    coveredMs,
    suspect: some(FLAGS.suspect),
    segment: some(FLAGS.segment),
    late: sum((minute) => minute.late),
    open: minutes.some(({ open }) => open),
    last: last === undefined ? null : value(last.last),
  }
  if (last === undefined || isCounter(quantity))
    return {
      ...common,
      min: null,
      mean: null,
      max: null,
      energyWh: last && isCounter(quantity) ? value(added(minutes)) : null,
    }
  const mean = coveredMs > 0 ? weighted / coveredMs : last.mean
  return {
    ...common,
    min: value(minutes.reduce((least, { min }) => Math.min(least, min), last.min)),
    mean: value(mean),
    max: value(minutes.reduce((most, { max }) => Math.max(most, max), last.max)),
    energyWh: isPower(quantity) ? value(weighted) / WH : null,
  }
}

/** What a counter rose by; between two minutes with a gap, by the difference of their ends. */
function added(minutes: readonly MinuteIn[]): number {
  let total = 0
  for (const [index, { flags, first, added: inside }] of minutes.entries()) {
    total += inside
    const before = minutes[index - 1]
    const gap = before !== undefined && (flags & FLAGS.continued) === 0
    if (gap && first > before.last) total += first - before.last
  }
  return total
}

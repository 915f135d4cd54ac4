import { type Duration, type Instant, instant, minutes } from '@busbar/units/time.ts'
import { utcOffsets } from '../../domain/site/utc-offset.ts'

const STEPS = { '1min': minutes(1), '15min': minutes(15), '1h': minutes(60) } as const
const DAY = 24 * minutes(60)

export type BucketResolution = keyof typeof STEPS | '1d'

/** How many buckets a range has, about; to be asked before it is cut. */
export const bucketsIn = (range: { from: Instant; to: Instant }, resolution: BucketResolution): number =>
  (range.to - range.from) / (resolution === '1d' ? DAY : STEPS[resolution])

/** Edges of the buckets that hold the range. Days begin at the depot's midnight and have 23 to 25 hours. */
export function edgesOf(
  { from, to }: { from: Instant; to: Instant },
  { resolution, timeZone }: { resolution: BucketResolution; timeZone: string },
): readonly Instant[] {
  if (from >= to) return []
  return resolution === '1d' ? dayEdges(from, to, timeZone) : stepEdges(from, to, STEPS[resolution])
}

function stepEdges(from: Instant, to: Instant, step: Duration): readonly Instant[] {
  const first = Math.floor(from / step)
  const count = Math.ceil(to / step) - first
  return Array.from({ length: count + 1 }, (_, index) => instant((first + index) * step))
}

function dayEdges(from: Instant, to: Instant, timeZone: string): readonly Instant[] {
  const offsets = utcOffsets(timeZone)
  const offsetAt = (at: number): number => offsets(instant(at))
  const midnight = (day: number): number => {
    const local = day * DAY
    const either = [local - offsetAt(local - DAY), local - offsetAt(local + DAY)].sort((a, b) => a - b)
    // where the clocks change at midnight itself, the day begins at whichever is in it
    return either.find((at) => at + offsetAt(at) >= local) ?? local
  }
  const edges: Instant[] = []
  for (let day = Math.floor((from + offsetAt(from)) / DAY); ; day++) {
    const edge = midnight(day)
    edges.push(instant(edge))
    if (edge >= to) return edges
  }
}

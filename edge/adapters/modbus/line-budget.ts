import { lineOf, timeOnWire } from './endpoint.ts'
import type { MeterSource } from './meter-source.ts'
import { ReadPlan } from './read-plan.ts'
import { siteProfile } from './site-profile.ts'

const GAP_MS = 30
const TURN_AROUND_MS = 40
const FRAME_BYTES = 13
const SCANS = 10
/** Beyond this share of the time a line has no room left for what goes wrong. */
const MOST = 0.7

/** Serial lines of which the meters ask for more than they can carry, each as a sentence. */
export function overbooked(meters: readonly MeterSource[]): string[] {
  const share = new Map<string, number>()
  for (const meter of meters) {
    const { endpoint, poll } = meter
    if (endpoint.kind !== 'rtu') continue
    const key = lineOf(endpoint)
    share.set(key, (share.get(key) ?? 0) + scanMs(meter) / poll)
  }
  return [...share].flatMap(([line, used]) =>
    used > MOST
      ? [
          `${line}: its meters need ${Math.round(100 * used)} % of the line's time, at most ${100 * MOST} % fits`,
        ]
      : [],
  )
}

/** Time of the line that a scan takes, on average over long and short ones. */
function scanMs(meter: MeterSource): number {
  const { endpoint, override, profile } = meter
  const gap = profile.limits.minGapMs ?? GAP_MS
  const plan = new ReadPlan(siteProfile(meter), { bytesAreFree: false, maxRead: override?.maxRead, phase: 0 })
  let total = 0
  for (let scan = 0; scan < SCANS; scan += 1)
    for (const [index, { count }] of plan.next().entries())
      total += timeOnWire(endpoint, FRAME_BYTES + 2 * count) + TURN_AROUND_MS + (index === 0 ? 2 * gap : gap)
  return total / SCANS
}

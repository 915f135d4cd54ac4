import { type Instant, instant } from '@busbar/units/time.ts'
import { expressed, offeredLimit, type Rating } from './offered-limit.ts'
import { type InstalledProfile, type RunningTransaction, scheduleStart } from './profile-limits.ts'

export interface CompositePeriod {
  readonly startPeriod: number
  readonly limit: number
}

export interface CompositeRequest {
  readonly from: Instant
  readonly durationS: number
  readonly unit: 'A' | 'W'
}

/** What the station will offer over the window asked for. @see OCPP 1.6 section 5.7 */
export function compositeSchedule(
  rating: Rating,
  installed: readonly InstalledProfile[],
  transaction: RunningTransaction,
  request: CompositeRequest,
): readonly CompositePeriod[] {
  const periods: CompositePeriod[] = []
  for (const at of changeTimes(installed, transaction, request)) {
    const offered = offeredLimit(rating, installed, at, transaction)
    const limit = Math.round(expressed(rating, offered.value, request.unit) * 10) / 10
    if (periods.at(-1)?.limit === limit) continue
    periods.push({ startPeriod: Math.round((at - request.from) / 1000), limit })
  }
  return periods
}

/** Every time in the window at which some profile may begin, change or end. */
function changeTimes(
  installed: readonly InstalledProfile[],
  transaction: RunningTransaction,
  { from, durationS }: CompositeRequest,
): readonly Instant[] {
  const to = from + durationS * 1000
  const times = new Set<number>([from])
  const note = (at: number | undefined) => {
    if (at !== undefined && at > from && at < to) times.add(at)
  }
  for (const entry of installed) {
    const { validFrom, validTo, chargingSchedule } = entry.profile
    note(validFrom)
    note(validTo)
    for (const start of starts(entry, transaction, from, to)) {
      for (const period of chargingSchedule.chargingSchedulePeriod) note(start + period.startPeriod * 1000)
      if (chargingSchedule.duration !== undefined) note(start + chargingSchedule.duration * 1000)
    }
  }
  return [...times].toSorted((a, b) => a - b).map(instant)
}

function starts(
  entry: InstalledProfile,
  transaction: RunningTransaction,
  from: number,
  to: number,
): readonly number[] {
  const found = new Set<number>()
  const last = scheduleStart(entry, instant(to), transaction)
  const first = scheduleStart(entry, instant(from), transaction)
  for (const start of [first, last]) if (start !== undefined) found.add(start)
  const recurs =
    entry.profile.chargingProfileKind === 'Recurring' && first !== undefined && last !== undefined
  if (recurs) for (let at = first + 86_400_000; at < last; at += 86_400_000) found.add(at)
  return [...found]
}

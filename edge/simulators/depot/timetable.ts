import { type Instant, later, minutes } from '@busbar/units/time.ts'
import { type Random, within } from '../random.ts'
import type { LocalTime } from './local-time.ts'

/** One stay that comes back every day; minutes count from local midnight. */
export interface VisitPlan {
  readonly station: string
  readonly arrivalMinute: number
  /** At or before the arrival means the next day. */
  readonly departureMinute: number
  readonly socPct: number
  readonly socNeededPct: number
}

/** One stay on one day. */
export interface Stay {
  readonly station: string
  readonly arrival: Instant
  readonly departure: Instant
  readonly socPct: number
  readonly socNeededPct: number
}

const DAY_MINUTES = 1440
const ARRIVAL_JITTER_MIN = 6
const SOC_JITTER_PCT = 5

/** The next stay, under way or to come, that ends after `after`; null when the vehicle has none. */
export function nextStay(
  visits: readonly VisitPlan[],
  after: Instant,
  { time, random }: { readonly time: LocalTime; readonly random: Random },
): Stay | null {
  const today = time.day(after)
  const stays = [today - 1, today, today + 1].flatMap((day) =>
    visits.map((visit, i) => stayOn(visit, day, time, random.fork(`${day}/${i}`))),
  )
  const open = stays.filter((stay) => stay.departure > after)
  return open.toSorted((a, b) => a.departure - b.departure)[0] ?? null
}

function stayOn(visit: VisitPlan, day: number, time: LocalTime, random: Random): Stay {
  const { arrivalMinute, departureMinute, socPct } = visit
  const overnight = departureMinute <= arrivalMinute ? DAY_MINUTES : 0
  const jitter = minutes(within(random, -ARRIVAL_JITTER_MIN, ARRIVAL_JITTER_MIN))
  const soc = socPct + within(random, -SOC_JITTER_PCT, SOC_JITTER_PCT)
  return {
    station: visit.station,
    arrival: later(time.at(day, arrivalMinute), jitter),
    departure: time.at(day, departureMinute + overnight),
    socPct: Math.max(2, Math.min(98, soc)),
    socNeededPct: visit.socNeededPct,
  }
}

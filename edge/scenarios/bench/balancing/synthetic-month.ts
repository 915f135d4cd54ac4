import { type Random, seededRandom, within } from '../../../simulators/random.ts'
import type { Network } from './network.ts'
import { toWorkload, type Workload } from './sessions.ts'

const STEPS_PER_HOUR = 12
/** The month that ships. */
export const SHIPPED_SEED = 3
const DAY = 24 * STEPS_PER_HOUR

/**
 * A month of a workplace garage, drawn by chance: five busy days and two quiet ones a week, most come in the morning and
 * stay for work, some at noon or for an evening.
 */
export function syntheticMonth(network: Network, seed: number): Workload {
  const random = seededRandom(seed)
  const free = new Map<number, number>()
  const sessions = []
  for (let day = 0; day < 31; day++) {
    const dice = random.fork(`day ${day}`)
    // The month begins on a Friday.
    const weekend = day % 7 === 1 || day % 7 === 2
    const count = Math.round(weekend ? within(dice, 14, 22) : within(dice, 31, 43))
    const arrivals = Array.from({ length: count }, () => arrivalHour(dice, weekend)).sort((a, b) => a - b)
    for (const hour of arrivals) {
      const arrival = day * DAY + Math.round(hour * STEPS_PER_HOUR)
      const evse = pick(dice, network, (place) => (free.get(place) ?? 0) <= arrival)
      if (evse === null) continue
      const stay = stayHours(dice, hour)
      const departure = arrival + Math.max(2, Math.round(stay * STEPS_PER_HOUR))
      free.set(evse, departure)
      const requested = energyKwh(dice, stay)
      sessions.push({
        session_id: `m${String(sessions.length + 1).padStart(4, '0')}`,
        station_id: network.evses[evse]?.id ?? '',
        arrival,
        departure,
        requested_kWh: requested,
        max_kW: 6.6,
        capacity_kWh: requested,
      })
    }
  }
  return toWorkload({ period_min: 60 / STEPS_PER_HOUR, sessions }, network)
}

/** A normal number, from twelve even ones. */
const normal = (random: Random): number =>
  Array.from({ length: 12 }, () => random.next()).reduce((sum, n) => sum + n, 0) - 6

function arrivalHour(random: Random, weekend: boolean): number {
  const lot = random.next()
  if (weekend) return within(random, 7, 20)
  if (lot < 0.62) return Math.max(5, 8.6 + 1.4 * normal(random))
  if (lot < 0.82) return 13 + 1.3 * normal(random)
  return Math.min(22.5, 18 + 1.5 * normal(random))
}

function stayHours(random: Random, hour: number): number {
  if (hour < 11)
    return Math.max(0.4, random.next() < 0.75 ? 8 + 1.7 * normal(random) : 3 + 1.3 * normal(random))
  if (hour < 16) return Math.max(0.4, 3.6 + 1.6 * normal(random))
  return Math.max(0.4, 3.2 + 1.4 * normal(random))
}

/** Mostly small needs, some large; a few more than the stay can give. */
function energyKwh(random: Random, hours: number): number {
  const possible = hours * 6.6
  const hasty = hours < 3 && random.next() < 0.13
  const wanted = hasty
    ? possible * within(random, 1.03, 1.4)
    : Math.min(Math.exp(1.91 + 0.84 * normal(random)), possible * 0.97, 60)
  return Math.round(Math.max(0.5, wanted) * 1000) / 1000
}

function pick(random: Random, network: Network, isFree: (place: number) => boolean): number | null {
  const places = [...network.evses.keys()].filter(isFree)
  return places[Math.floor(random.next() * places.length)] ?? null
}

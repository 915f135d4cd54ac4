import { type Instant, instant } from '@busbar/units/time.ts'

const HALF_DAY_MS = 12 * 3_600_000

/** Wall-clock fields of `at` in a zone, read as if they were UTC. */
function localAsUtc(at: Instant, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US-u-ca-gregory', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  return Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  )
}

/** The last local noon at or before `at`; an unknown zone counts as UTC. Depots charge by night, so noon parts their days. */
export function lastNoon(at: Instant, zone: string): Instant {
  const known = isZone(zone) ? zone : 'UTC'
  const local = localAsUtc(at, known)
  const midnight = Math.floor(local / (2 * HALF_DAY_MS)) * 2 * HALF_DAY_MS
  const noon = midnight + HALF_DAY_MS <= local ? midnight + HALF_DAY_MS : midnight - HALF_DAY_MS
  // The offset at noon can differ from the one now, on days that change their time.
  const guess = instant(noon - (local - at))
  return instant(guess - (localAsUtc(guess, known) - noon))
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

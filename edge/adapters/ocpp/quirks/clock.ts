import { type Duration, hours, type Instant, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { Input, StationTime } from '../../../domain/inputs.ts'
import { parseStationTime } from '../station-time.ts'
import type { Handlings, Quirk } from './quirk.ts'

/** The clock group: what a station's stamps mean. */
export const CLOCK_QUIRKS = {
  'clock.zone': {
    how: 'A stamp without a zone is read in the zone of this station, or of the depot.',
    make: (zone) => ({
      handles(call, usual, { timeZone }) {
        const own = zone === 'site' ? timeZone : zone
        return usual({ ...call, payload: zoned(call.payload, own) as typeof call.payload })
      },
    }),
  },
  'clock.distrust-after-boot-s': {
    how: 'After connecting or booting, stamps give way to the time of receipt for so long.',
    make: distrusted,
  },
} as const satisfies Handlings

/** A local time is none of UTC's by 14 hours at the most; a stamp that is further off comes from a queue. */
const FURTHEST_ZONE = hours(14.5)
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?$/

/** Every stamp in it that has no zone, in UTC. */
function zoned(value: unknown, zone: string): unknown {
  if (Array.isArray(value)) return value.map((each) => zoned(each, zone))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const stamp = name === 'timestamp' && typeof member === 'string' && WITHOUT_ZONE.test(member.trim())
      return [name, stamp ? inUtc(String(member), zone) : zoned(member, zone)]
    }),
  )
}

function inUtc(local: string, zone: string): string {
  const asUtc = parseStationTime(local)
  if (asUtc === null) return local
  // Twice: the first offset is that of a moment which the offset itself moves.
  const near = asUtc - offsetAt(asUtc, zone)
  return new Date(asUtc - offsetAt(near, zone)).toISOString()
}

/** What the zone adds to UTC, ms. */
function offsetAt(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign = '+', h = '0', m = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(h) * 60 + Number(m)) * 60_000
}

function distrusted(forS: number): Quirk {
  let since: Monotonic | null = null
  const begin: Quirk['opened'] = ({ clock }) => {
    since = clock.monotonic()
  }
  return {
    opened: begin,
    booted: begin,
    means(input, { clock }) {
      if (since === null || ((clock.monotonic() - since) as Duration) > seconds(forS)) return input
      const doubted = (time: StationTime): StationTime => doubt(time, clock.now())
      return retimed(input, doubted)
    },
  }
}

const doubt = (time: StationTime, now: Instant): StationTime =>
  time.stated === null || Math.abs(time.at - now) > FURTHEST_ZONE
    ? time
    : { ...time, at: now, clock: 'estimated' }

function retimed(input: Input, told: (time: StationTime) => StationTime): Input {
  if (!('time' in input) && !('samples' in input)) return input
  return {
    ...input,
    ...('time' in input ? { time: told(input.time) } : {}),
    ...('samples' in input
      ? { samples: input.samples.map((sample) => ({ ...sample, time: told(sample.time) })) }
      : {}),
  } as Input
}

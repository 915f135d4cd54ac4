import { type Instant, instant } from '@busbar/units/time.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Local wall time of one IANA zone. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat
  #known: { readonly hour: number; readonly offsetMs: number } | null = null

  /** `zone` must be a zone that Intl knows; the configuration checks it. */
  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  }

  /** Local time less UTC. */
  offsetMs(at: Instant): number {
    const hour = Math.floor(at / 3_600_000)
    if (this.#known?.hour === hour) return this.#known.offsetMs
    const parts = new Map(this.#format.formatToParts(at).map((part) => [part.type, Number(part.value)]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
    const offsetMs = local - Math.floor(at / MINUTE_MS) * MINUTE_MS
    this.#known = { hour, offsetMs }
    return offsetMs
  }

  /** Days since 1970 of the local calendar. */
  day(at: Instant): number {
    return Math.floor((at + this.offsetMs(at)) / DAY_MS)
  }

  /** `minute` minutes into local day `day`; 1440 and more is the day after. */
  at(day: number, minute: number): Instant {
    const local = day * DAY_MS + minute * MINUTE_MS
    const guess = instant(local - this.offsetMs(instant(local)))
    return instant(local - this.offsetMs(guess))
  }
}

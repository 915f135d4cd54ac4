/** Shows times of one depot, in its own time zone. Every method takes ISO 8601 and gives a dash for null. */
export interface DepotTime {
  readonly zone: string
  /** `04:10` */
  clock(iso: string | null): string
  /** `23:47:12` */
  seconds(iso: string | null): string
  /** `Sat 21 Nov, 23:47` */
  day(iso: string | null): string
  /** `21:12`, or with the day when `iso` and `now` fall on different local days. */
  near(iso: string | null, now: number): string
  /** `21 Nov 2026, 23:47:12 GMT`, for a tooltip. */
  full(iso: string | null): string
}

const known = new Map<string, DepotTime>()

/** The times of a zone, e.g. `Europe/London`; a zone the browser does not know is shown in UTC, and says so. */
export function depotTime(zone: string): DepotTime {
  const times = known.get(zone) ?? build(isKnownZone(zone) ? zone : 'UTC')
  known.set(zone, times)
  return times
}

function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
    return true
  } catch (thrown) {
    if (thrown instanceof RangeError) return false
    throw thrown
  }
}

function build(timeZone: string): DepotTime {
  const of = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options })
    return (iso: string | null) =>
      iso === null || Number.isNaN(Date.parse(iso)) ? '–' : format.format(Date.parse(iso))
  }
  const clock = of({ hour: '2-digit', minute: '2-digit' })
  const date = of({ weekday: 'short', day: 'numeric', month: 'short' })
  const day = (iso: string | null) =>
    clock(iso) === '–' ? '–' : `${date(iso).replace(',', '')}, ${clock(iso)}`
  return {
    zone: timeZone,
    clock,
    day,
    seconds: of({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    near: (iso, now) => (date(iso) === date(new Date(now).toISOString()) ? clock(iso) : day(iso)),
    full: of({
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
    }),
  }
}

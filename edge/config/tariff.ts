import { type Instant, instant, later, minutes, toIso } from '@busbar/units/time.ts'
import type { DepotConfig } from './schema.ts'

export interface TariffNow {
  readonly name: string
  readonly price_per_kwh: number
  readonly currency: string
  readonly until: string
}

const MINUTE = minutes(1)
/** Clocks are put forward and back on quarter hours of UTC. */
const QUARTER = minutes(15)
/** The longest day has 25 hours. */
const LONGEST = minutes(25 * 60)

/** The band in force at an instant, by local time of day. */
function bandsOf({ tariff, depot }: Pick<DepotConfig, 'tariff' | 'depot'>) {
  const bands = [...(tariff?.bands ?? [])].sort((a, b) => (a.from < b.from ? -1 : 1))
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: depot.time_zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (when: Instant) => {
    const time = clock.format(when)
    return bands.at(bands.findLastIndex((band) => band.from <= time))
  }
}

/** What a kWh costs at any instant; null throughout where the file tells no tariff, or that nobody waits for it. */
export function pricesOf(config: DepotConfig): (at: Instant) => number | null {
  if (config.tariff === undefined || !config.balancing.wait_for_price) return () => null
  const bandAt = bandsOf(config)
  return (at) => bandAt(at)?.price_per_kwh ?? null
}

/** The band in force at an instant, and when it ends. */
export function tariffAt(config: DepotConfig, at: Instant): TariffNow | null {
  const { tariff } = config
  if (tariff === undefined) return null
  const bandAt = bandsOf(config)
  const band = bandAt(at)
  if (band === undefined) return null
  const until = firstChange(at, (when) => bandAt(when) !== band)
  return {
    name: band.name,
    price_per_kwh: band.price_per_kwh,
    currency: tariff.currency,
    until: toIso(until),
  }
}

/** The first whole minute after `at` that is `changed`; where none is, a day on. */
function firstChange(at: Instant, changed: (when: Instant) => boolean): Instant {
  const from = instant(at - (at % QUARTER))
  for (let end = later(from, QUARTER); end - from <= LONGEST; end = later(end, QUARTER)) {
    if (!changed(end)) continue
    let first = end
    while (first - MINUTE > at && changed(instant(first - MINUTE))) first = instant(first - MINUTE)
    return first
  }
  return later(instant(at - (at % MINUTE)), minutes(24 * 60))
}

import { hours, type Instant, later, minutes, toIso } from '@busbar/units/time.ts'
import type { DepotConfig } from './schema.ts'

export interface TariffNow {
  readonly name: string
  readonly price_per_kwh: number
  readonly currency: string
  readonly until: string
}

/** The band in force at an instant, by local time of day, and when it ends. */
export function tariffAt(config: DepotConfig, at: Instant): TariffNow | null {
  const { tariff } = config
  if (tariff === undefined) return null
  const bands = [...tariff.bands].sort((a, b) => (a.from < b.from ? -1 : 1))
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: config.depot.time_zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const time = clock.format(at)
  const index = bands.findLastIndex((band) => band.from <= time)
  const band = bands.at(index)
  const next = bands[(index + 1) % bands.length]
  if (band === undefined || next === undefined) return null
  const away = (toMinutes(next.from) - toMinutes(time) + 1440) % 1440 || 1440
  const until = later(at, minutes(away))
  return { name: band.name, price_per_kwh: band.price_per_kwh, currency: tariff.currency, until: toIso(later(until, -(until % minutes(1)) as ReturnType<typeof hours>)) }
}

const toMinutes = (time: string): number => {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}

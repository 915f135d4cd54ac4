import { type Instant, instant, later, seconds } from '@busbar/units/time.ts'
import type { StationTime } from '../../domain/inputs.ts'

const FORM =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ] *(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)? *(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?$/
const EARLIEST = Date.UTC(2020)
const TOLERANCE = seconds(60)

/**
 * Reads a time as stations write it: ISO 8601 in its extended and basic forms, blank instead of T, any fraction,
 * offset, or none (then UTC), and seconds or milliseconds since 1970.
 * @returns null when it is no time
 */
export function parseStationTime(stated: string): Instant | null {
  const text = stated.trim()
  if (/^(\d{10}|\d{13})$/.test(text)) return instant(Number(text) * (text.length === 10 ? 1000 : 1))
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] =
    FORM.exec(text) ?? []
  if (year === undefined) return null
  const fields = [year, month, day, hour, minute, second].map(Number)
  const [y = 0, m = 0, d = 0, ...time] = fields
  const [h = 0, min = 0, s = 0] = time
  const day0 = new Date(Date.UTC(y, m - 1, d))
  const isDate = day0.getUTCMonth() === m - 1 && day0.getUTCDate() === d
  if (!isDate || h > 24 || min > 59 || s > 60) return null
  const ms = Math.trunc(Number(`0.${fraction || 0}`) * 1000)
  return instant(day0.getTime() + ((h * 60 + min) * 60 + s) * 1000 + ms - offsetMinutes(zone) * 60_000)
}

function offsetMinutes(zone: string): number {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/**
 * The time we go by for what a station reports. A stamp before 2020 or more than 60 s ahead gives way to the time of
 * receipt. A `report` may come late from a queue, so its old stamp is genuine; in a `live` message an old stamp is
 * kept, since it may say how long the state has lasted, but it no longer counts as certain.
 */
export function stationTime(
  stated: string | null,
  receivedAt: Instant,
  kind: 'live' | 'report',
): StationTime {
  if (stated === null) return { at: receivedAt, stated, clock: kind === 'live' ? 'synced' : 'estimated' }
  const at = parseStationTime(stated)
  if (at === null || at < EARLIEST || at > later(receivedAt, TOLERANCE))
    return { at: receivedAt, stated, clock: 'estimated' }
  const old = kind === 'live' && receivedAt - at > TOLERANCE
  return { at, stated, clock: old ? 'estimated' : 'synced' }
}

/** Whole seconds in UTC with Z, the one form every station reads. */
export const toStationTime = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}Z`

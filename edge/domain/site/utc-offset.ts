import type { Duration, Instant } from '@busbar/units/time.ts'

const MINUTE = 60_000
/** Clocks change on whole quarters of an hour of UTC. */
const QUARTER = 15 * MINUTE

/** Local time less UTC of a time zone (IANA name) at a moment. */
export function utcOffsets(timeZone: string): (at: Instant) => Duration {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const last = { quarter: Number.NaN, offset: 0 as Duration }
  return (at) => {
    const quarter = Math.floor(at / QUARTER)
    if (quarter !== last.quarter) {
      const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const [, sign, hours = '0', minutes = '0'] = name.match(/([+-])(\d\d):(\d\d)/) ?? []
      const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE
      Object.assign(last, { quarter, offset: sign === '-' ? -offset : offset })
    }
    return last.offset
  }
}

import type { Rule } from '../rule.ts'

/** Short gaps are everyday; a minute is not. */
const DELAY_MS = 60_000

export const stationOffline: Rule = ({ stations }) =>
  stations
    .filter(({ offlineMs }) => offlineMs !== null && offlineMs > DELAY_MS)
    .map(({ station, heldKw }) => ({
      code: 'station.offline',
      severity: 2,
      subject: { type: 'station', id: station },
      text:
        heldKw > 0
          ? `Station ${station} offline; ${heldKw.toFixed(1)} kW held for it`
          : `Station ${station} offline`,
      action: 'Check its power and network; the held power is released when it answers.',
    }))

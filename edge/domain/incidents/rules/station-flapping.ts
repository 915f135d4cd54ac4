import type { Rule } from '../rule.ts'

export const stationFlapping: Rule = ({ stations }) =>
  stations
    .filter(({ flapping }) => flapping === true)
    .map(({ station, heldKw }) => ({
      code: 'station.flapping',
      severity: 2,
      subject: { type: 'station', id: station },
      text: `Station ${station} loses its connection again and again; ${heldKw.toFixed(1)} kW held for it`,
      action: 'Check its network; it is steered again once its connection has held for two minutes.',
    }))

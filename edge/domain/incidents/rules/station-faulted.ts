import type { Rule } from '../rule.ts'

export const stationFaulted: Rule = ({ stations }) =>
  stations.flatMap(({ station, fault }) =>
    fault === null
      ? []
      : [
          {
            code: 'station.faulted',
            severity: 2 as const,
            subject: { type: 'station' as const, id: station },
            text: `Station ${station}: ${fault}`,
            action: 'Look at the station; keep people away from a ground fault.',
          },
        ],
  )

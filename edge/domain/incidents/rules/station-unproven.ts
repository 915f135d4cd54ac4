import type { Rule } from '../rule.ts'

/** What was measured was measured of another firmware: it counts only against the station until it is tested again. */
export const stationUnproven: Rule = ({ stations }) =>
  stations.flatMap(({ recheck = [] }) =>
    recheck.map(({ evse, label, firmware }) => ({
      code: 'station.unproven',
      severity: 4 as const,
      subject: { type: 'evse' as const, id: evse },
      text: `${label} was tested with another firmware; with ${firmware ?? 'its present one'} nothing is proven`,
      action: 'Run its conformance test again, with a vehicle charging there.',
    })),
  )

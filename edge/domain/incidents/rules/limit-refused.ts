import type { Rule } from '../rule.ts'

export const limitRefused: Rule = ({ stations }) =>
  stations.flatMap(({ refusing = [] }) =>
    refusing.map(({ evse, label }) => ({
      code: 'limit.refused',
      severity: 2 as const,
      subject: { type: 'evse' as const, id: evse },
      text: `${label} refuses limits of its transaction; the most it may draw is held`,
      action: 'Check that the station supports smart charging of transactions.',
    })),
  )

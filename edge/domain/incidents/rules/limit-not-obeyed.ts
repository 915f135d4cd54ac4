import type { Rule } from '../rule.ts'

/** Its subject is the EVSE. */
export const NOT_OBEYED = 'limit.not-obeyed'

export const limitNotObeyed: Rule = ({ stations }) =>
  stations.flatMap(({ disobeying }) =>
    disobeying.map(({ evse, label, limit, drawn }) => ({
      code: NOT_OBEYED,
      severity: 2 as const,
      subject: { type: 'evse' as const, id: evse },
      text: `${label} draws ${drawn} although it accepted ${limit}`,
      action:
        'What it draws is held, its whole rating from the second time on. Check its smart charging settings.',
    })),
  )

export const fallbackRefused: Rule = ({ stations }) =>
  stations
    .filter(({ fallbackRefused: refused }) => refused)
    .map(({ station }) => ({
      code: 'limit.fallback-refused',
      severity: 2,
      subject: { type: 'station', id: station },
      text: `Station ${station} refuses its fallback; its full rating is held`,
      action: 'Check that the station supports smart charging.',
    }))

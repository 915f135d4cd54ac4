import type { Rule } from '../rule.ts'

export const limitNotObeyed: Rule = ({ stations }) =>
  stations.flatMap(({ station, disobeying }) =>
    disobeying.map(({ label, limit, drawn }) => ({
      code: 'limit.not-obeyed',
      severity: 2 as const,
      subject: { type: 'station' as const, id: station },
      text: `${label} draws ${drawn} although it accepted ${limit}`,
      action: 'Its rating is held until it obeys. Check its firmware and smart charging settings.',
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

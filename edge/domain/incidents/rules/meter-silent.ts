import type { Rule } from '../rule.ts'

const DELAY_MS = 15_000

export const meterSilent: Rule = ({ meters }) =>
  meters
    .filter(({ quality, silentMs }) => (quality === 'reserve' || quality === 'static') && silentMs > DELAY_MS)
    .map(({ id, name, quality, reason }) => ({
      code: 'meter.silent',
      severity: quality === 'static' ? 1 : 2,
      subject: { type: 'meter', id },
      text: `${name} silent: ${reason}`,
      action:
        quality === 'static'
          ? 'Every EVSE is at its fallback. Restore the meter or its network.'
          : 'No limit rises until it answers. Check the meter and its network.',
    }))

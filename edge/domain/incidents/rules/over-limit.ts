import type { Rule } from '../rule.ts'

/** Tick, round trip and settle time are allowed for first. */
const DELAY_MS = 10_000

export const overLimit: Rule = ({ overloads }) =>
  overloads
    .filter(({ forMs }) => forMs > DELAY_MS)
    .map(({ row, name, text }) => ({
      code: 'circuit.over-limit',
      severity: 1,
      subject: { type: 'site', id: row },
      text: `${name} above its limit: ${text}`,
      action: 'Switch off other loads; see which station does not follow its limit.',
    }))

import type { Rule } from '../rule.ts'

/** What its checks found stays open until all was well for some minutes. */
export const meterImplausible: Rule = ({ meters }) =>
  meters.flatMap(({ id, name, found = [] }) => {
    const [first] = found
    if (first === undefined) return []
    return [
      {
        code: 'meter.implausible',
        severity: 2 as const,
        subject: { type: 'meter' as const, id },
        text: `${name} cannot be right: ${first.text}`,
        action: 'Check the meter, its current transformers and its wiring.',
      },
    ]
  })

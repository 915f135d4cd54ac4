import type { Rule } from '../rule.ts'

/** Only a test that failed is work for a person; one under way ends by itself. */
export const meterUntested: Rule = ({ meters }) =>
  meters.flatMap(({ id, name, unproven }) =>
    unproven?.startsWith('self-test failed')
      ? [
          {
            code: 'meter.untested',
            severity: 2 as const,
            subject: { type: 'meter' as const, id },
            text: `${name} drives no limits: ${unproven}`,
            action: 'Its values are shown only. Put right what the test names and test it again.',
          },
        ]
      : [],
  )

import type { Rule, Scene } from '../rule.ts'

type Fought = NonNullable<Scene['fought']>[number]

const STEPS = ['minimum', 'zero', 'stop', 'inoperative', 'trip'] as const
const DONE: Readonly<Record<(typeof STEPS)[number], string>> = {
  minimum: 'every EVSE on it is held at its minimum',
  zero: 'every EVSE on it is held at 0',
  stop: 'transactions on it are ended',
  inoperative: 'EVSEs that still draw are taken out of service',
  trip: 'nothing more can be done from here: no trip output is fitted',
}
const ACTION: Readonly<Record<(typeof STEPS)[number], string>> = {
  minimum:
    'Find what else draws on this circuit; the limits come back when it has been calm for ten minutes.',
  zero: 'Find what else draws on this circuit; switch it off.',
  stop: 'Look at the stations that were stopped: they did not follow their limits.',
  inoperative: 'Look at the stations taken out of service: they did not stop when asked.',
  trip: 'Open the breaker of this circuit by hand.',
}

/** Each step of the ladder is an incident of its own, with the evidence for it. */
export const overloadEscalated: Rule = ({ fought = [] }) =>
  fought.flatMap(({ row, name, text, step }: Fought) =>
    STEPS.slice(0, STEPS.indexOf(step) + 1).map((each) => ({
      code: `overload.${each}`,
      severity: 1 as const,
      subject: { type: 'site' as const, id: row },
      text: `${name} overloaded, ${text}: ${DONE[each]}`,
      action: ACTION[each],
    })),
  )

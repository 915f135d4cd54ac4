import type { Rule } from '../rule.ts'

export const limitNotHeld: Rule = ({ stations }) =>
  stations.flatMap(({ notHeld = [] }) =>
    notHeld.map(({ evse, label, says }) => ({
      code: 'limit.not-held',
      severity: 2 as const,
      subject: { type: 'evse' as const, id: evse },
      text: `${label} says that it works with ${says}, more than the limit it accepted`,
      action: 'Its limit was sent again and what it says is held. Check its smart charging settings.',
    })),
  )
